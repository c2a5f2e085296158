import {
  type Entry,
  type Nation,
  type NationRecall,
  openNationRecall,
  recallsThatMustBeNamed,
  type SealedConsent,
} from '@entente/schema'
import type { Bundle } from '../bundle/read-bundle.ts'
import { type AddFinding, reasonOf } from '../finding.ts'
import type { Trust } from '../trust.ts'
import type { Feed } from './feeds.ts'

type Put = Extract<Entry, { op: 'put' }>

/** Recalls by the word of a nation that a bundle shows, each signed by its root or a node of it; also those of a key that was revoked since. */
export interface NationRecalls {
  readonly all: readonly NationRecall[]
  /** Those of a record by the word of one of these nations. */
  readonly of: (record: string, nations: readonly (Nation | undefined)[]) => readonly NationRecall[]
}

/** Opens every such recall that a bundle shows. One that nobody has signed who may takes nothing back. @param found null: it is said elsewhere */
export function openNationRecalls(
  { nationRecalls }: Pick<Bundle, 'nationRecalls'>,
  { roster, verify }: Trust,
  found: AddFinding | null,
): NationRecalls {
  const all = nationRecalls.flatMap(({ seal }, i) => {
    try {
      return [openNationRecall(roster.members, seal, verify)]
    } catch (error) {
      found?.('ROOT_RECALL_SEAL', `root-recalls.jsonl, line ${i + 1}: ${reasonOf(error)}`)
      return []
    }
  })
  return {
    all,
    of: (record, nations) =>
      all.filter(
        ({ recall }) => recall.records.includes(record) && nations.includes(recall.nation),
      ),
  }
}

/** Recalls by the word of its sender, or of a nation by whose consent it went, that take a put back: it does not come after them. */
export const takingBack = (
  shown: NationRecalls,
  { nation, consents }: Sender,
  { record, recalls = [], consents: named = [] }: Put,
): readonly NationRecall[] => {
  const words = shown.of(record, [
    nation,
    ...named.map((each) => consents.get(each)?.consent.nation),
  ])
  const must = recallsThatMustBeNamed(
    words
      .filter(({ isRevoked }) => !isRevoked)
      .map(({ digest, origin }) => ({ digest, isByRoot: origin === null })),
  )
  return words.filter(
    ({ digest, isRevoked }) => !recalls.includes(digest) && (isRevoked || must.includes(digest)),
  )
}

interface Sender {
  readonly nation: Nation
  readonly consents: ReadonlyMap<string, SealedConsent>
}

/** Recalls by the word of one nation that asked for a purge, and of which a nation has not said that it was made, there and wherever it was handed on. */
export function unprovenBy(
  words: readonly NationRecall[],
  { feeds }: { readonly feeds: ReadonlyMap<string, Feed> },
): readonly NationRecall[] {
  const said = [...feeds.values()].flatMap((feed) => feed.statements)
  return words.filter(
    ({ digest, recall, isRevoked }) =>
      recall.purge &&
      !isRevoked &&
      !said.some(
        ({ kind, statement }) =>
          kind === 'purge' &&
          statement.recall.statement === digest &&
          statement.unproven === undefined,
      ),
  )
}

/** Every recall by the word of a nation that a put names is shown. */
export function checkRecallsNamed(
  entries: ReadonlyMap<number, readonly { readonly entry: Entry }[]>,
  { all }: NationRecalls,
  found: AddFinding,
): void {
  const shown = new Set(all.map(({ digest }) => digest))
  for (const [index, rows] of entries)
    for (const { entry } of rows)
      if (entry.op === 'put')
        for (const digest of entry.recalls ?? [])
          if (!shown.has(digest))
            found('ROOT_RECALL_MISSING', `release ${index} names recall ${digest}`, index)
}
