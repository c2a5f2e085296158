import * as A from '@automerge/automerge'
import { LedgerError } from '../ledger-error.ts'
import { type AnswersFor, bindDrafted } from '../record/bind-drafted.ts'
import { mergeRecords } from '../record/merge-record.ts'
import type { StoredRecord } from '../record/stored-record.ts'
import type { Writer } from '../record/write-versions.ts'
import type { Projection } from '../tables/projection.ts'
import type { Committer } from '../writing/committer.ts'
import { checkShard, invalid } from './check-shard.ts'
import { statesOf } from './history.ts'
import { contentOf, type ShardDocument } from './shard-document.ts'
import { placeOf } from './shard-line.ts'
import type { Shards } from './shards.ts'

/** How the nodes of one nation hand each other their shards. One call at a time. */
export interface ShardExchange {
  /** A shard as another node of the nation takes it in. @throws {LedgerError} `SHARD_UNKNOWN` */
  readonly exportShard: (shard: string) => Promise<Uint8Array>
  /**
   * Merges another replica's shard. One that took the place of a shard here does so here as well, and takes in what was
   * written here; one whose place was taken here hands over what was written to it.
   * @param answersFor given for what comes from a node that only drafts: nothing gets wider by it, unless this answers for it
   * @throws {LedgerError} `SHARD_INVALID`
   */
  readonly importShard: (shard: string, saved: Uint8Array, answersFor?: AnswersFor) => Promise<void>
  /** Heads of each shard, hashes with a space between. */
  readonly shardHeads: () => ReadonlyMap<string, string>
  /** Looks at a shard in its turn; null: this ledger has no such shard. The document is the ledger's own: change nothing. */
  readonly withShard: <T>(
    shard: string,
    look: (doc: A.Doc<ShardDocument> | null) => T,
  ) => Promise<T>
}

export function createExchange(
  shards: Shards,
  projection: Projection,
  committer: Committer,
  lift: (record: StoredRecord) => StoredRecord,
  writerOf: (reason: string) => Writer,
): ShardExchange {
  /** Records of a list as this ledger holds them, whatever shard of the line they stand in. */
  const heldOf = async (ids: readonly string[]): Promise<Map<string, StoredRecord>> => {
    const held = new Map<string, StoredRecord>()
    for (const [home, of] of Map.groupBy(ids, (id) => projection.shardOf(id) ?? ''))
      if (home !== '') for (const record of await shards.read(home, of)) held.set(record.id, record)
    return held
  }

  /** Writes what binds into a shard that is not in the tables yet: nobody decides on what it says without. */
  const bind = async (
    shard: string,
    held: ReadonlyMap<string, StoredRecord>,
    answersFor: AnswersFor,
  ): Promise<void> => {
    const doc = await shards.document(shard)
    if (doc === null) return
    const by = writerOf('a drafting node has left it wider, and no authority has signed for that')
    const { records, gone } = contentOf(doc, lift)
    const bound: StoredRecord[] = []
    for (const [id, before] of held) {
      const came = records.get(id)
      if (came === undefined) {
        if (!gone.has(id)) bound.push(before)
        continue
      }
      const after = mergeRecords([before, came])
      const next = bindDrafted(before, after, () => statesOf(doc, id, lift), answersFor, by)
      if (next !== after) bound.push(next)
    }
    if (bound.length > 0) await shards.write(shard, bound, by.note)
  }

  /** Records that come, and those that this ledger has in the shard: one may be missing from what comes. */
  const idsOf = (shard: string, records: readonly string[]): string[] => [
    ...new Set([...records, ...projection.recordsIn(shard)]),
  ]

  return {
    shardHeads: () => new Map(projection.shards().map((id) => [id, projection.headsOf(id) ?? ''])),
    withShard: async (shard, look) =>
      look(projection.lineOf(shard) === undefined ? null : await shards.document(shard)),
    exportShard: async (shard) => {
      const doc = projection.lineOf(shard) === undefined ? null : await shards.document(shard)
      if (doc === null)
        throw new LedgerError('SHARD_UNKNOWN', `${shard} is not a shard of this ledger`)
      return A.save(doc)
    },
    importShard: async (shard, saved, answersFor) => {
      const { replaces, records } = checkShard(saved, await shards.document(shard))
      const { line } = placeOf(shard, { replaces })
      const isElsewhere = (known: string) => (projection.lineOf(known) ?? line) !== line
      if ([shard, ...replaces].some(isElsewhere))
        throw invalid('it takes the place of a shard of another line')
      const strange = records.find((id) => isElsewhere(projection.shardOf(id) ?? shard))
      if (strange !== undefined) throw invalid(`${strange} is in another shard`)
      await committer.settle(
        async () => {
          const held = answersFor === undefined ? null : await heldOf(idsOf(shard, records))
          await shards.merge(shard, saved)
          if (held !== null && answersFor !== undefined) await bind(shard, held, answersFor)
          return shard
        },
        { ownIfUnsaid: false },
      )
    },
  }
}
