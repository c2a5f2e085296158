import { latestOf, type SignedAck } from './acknowledgements.ts'
import type { Feed } from './feeds.ts'
import type { Leaf, Leaves } from './leaves.ts'

/** The recalls of one log, by what they take back. */
export interface Recalls {
  /** The recalls that name this entry of a release. */
  readonly of: (feed: string, seq: number, digest: string) => readonly Leaf<'recall'>[]
  readonly all: readonly Leaf<'recall'>[]
}

/** Gathers what a log recalls: all puts of one release, or some of its entries. */
export function openRecalls({ byIndex }: Leaves): Recalls {
  const all = [...byIndex.values()].filter((leaf) => leaf.kind === 'recall')
  const byRelease = Map.groupBy(
    all,
    ({ statement: { release } }) => `${release.feed} ${release.seq}`,
  )
  return {
    all,
    of: (feed, seq, digest) =>
      (byRelease.get(`${feed} ${seq}`) ?? []).filter(
        ({ statement: { entries } }) => entries.length === 0 || entries.includes(digest),
      ),
  }
}

/** Whether the recipient has said that it carried a recall out. */
export function isCarriedOut(
  { statement, digest }: Leaf<'recall'>,
  acks: ReadonlyMap<string, readonly SignedAck[]>,
): boolean {
  const feed = statement.feed ?? digest
  return (latestOf(acks.get(feed) ?? [])?.ack.seq ?? -1) >= statement.seq
}

/** Recalls that asked for a purge, and that nobody has said was made, there and wherever it was handed on. */
export function unprovenRecalls(
  { all }: Recalls,
  recipientOf: (nation: string) => { readonly feeds: ReadonlyMap<string, Feed> } | undefined,
): readonly Leaf<'recall'>[] {
  return all.filter(({ statement, digest }) => {
    const recipient = recipientOf(statement.recipient)
    if (!statement.purge || recipient === undefined) return false
    const said = [...recipient.feeds.values()].flatMap((feed) => feed.statements)
    return !said.some(
      (leaf) =>
        leaf.kind === 'purge' &&
        leaf.statement.recall.statement === digest &&
        leaf.statement.unproven === undefined,
    )
  })
}
