import type { RecordId } from '@entente/schema'
import { revert } from '../record/revert.ts'
import type { Stamp, StoredRecord } from '../record/stored-record.ts'
import type { Writer } from '../record/write-versions.ts'
import type { Shards } from '../shards/shards.ts'
import type { Projection } from '../tables/projection.ts'
import { breathe, type Committer } from './committer.ts'

/** A change of one record that is to be taken back. */
export interface Reversal {
  readonly record: RecordId
  /** The record as it was; null if the change made it. */
  readonly before: StoredRecord | null
  readonly stamp: Stamp
}

/**
 * What became of a reversal: taken back, in part (`kept` names fields changed since), taken back but for labels that stay
 * stricter, or nothing was left of the change.
 */
export interface ReversalResult {
  readonly record: RecordId
  readonly outcome: 'removed' | 'reverted' | 'stricter' | 'kept'
  readonly kept: readonly string[]
}

/** Told of reversals in the transaction that does them. */
export type OnReverted = (results: readonly ReversalResult[]) => void

export interface TakeBackDeps {
  readonly shards: Shards
  readonly projection: Projection
  readonly committer: Committer
  /** Brings a record as it was into the present form. */
  readonly lift: (record: StoredRecord) => StoredRecord
  readonly transact: (work: () => void) => void
}

/** Takes changes back, shard by shard. One call at a time. */
export function createTakeBack({ shards, projection, committer, lift, transact }: TakeBackDeps) {
  /** Within one shard: what was changed as one change, what was made as another. */
  const takeBackIn = async (
    shard: string,
    reversals: ReadonlyMap<string, Reversal>,
    by: Writer,
    onReverted: OnReverted,
  ): Promise<void> => {
    const next: StoredRecord[] = []
    const removed: ReversalResult[] = []
    const results: ReversalResult[] = []
    for (const record of await shards.read(shard, [...reversals.keys()])) {
      const { before, stamp } = reversals.get(record.id) as Reversal
      const reverted = revert(record, before && lift(before), stamp, by)
      const outcome =
        reverted.record === null
          ? 'removed'
          : reverted.record === record
            ? 'kept'
            : reverted.stricter.length > 0
              ? 'stricter'
              : 'reverted'
      const result = { record: record.id, outcome, kept: reverted.kept } as const
      if (outcome === 'removed') removed.push(result)
      else results.push(result)
      if (reverted.record !== null && reverted.record !== record) next.push(reverted.record)
    }
    const also = () => {
      // What the source last said is no longer what stands: it is compared again when it comes again.
      for (const { record } of results) projection.forgetDraft(record)
      onReverted(results)
    }
    if (next.length > 0) await committer.commit(shard, next, by.note, { also })
    else if (results.length > 0) transact(also)
    if (removed.length > 0) {
      const ids = removed.map(({ record }) => record)
      await committer.remove(shard, ids, by.note, () => onReverted(removed))
    }
    await breathe()
  }

  return async (
    reversals: readonly Reversal[],
    by: Writer,
    onReverted: OnReverted,
  ): Promise<void> => {
    const byShard = Map.groupBy(reversals, ({ record }) => projection.shardOf(record) ?? '')
    const gone = byShard.get('') ?? []
    byShard.delete('')
    if (gone.length > 0)
      transact(() =>
        onReverted(gone.map(({ record }) => ({ record, outcome: 'removed', kept: [] }))),
      )
    for (const [shard, of] of byShard)
      await takeBackIn(shard, new Map(of.map((each) => [each.record, each])), by, onReverted)
  }
}
