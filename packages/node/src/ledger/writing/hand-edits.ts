import type { DataRecord, Label, RecordId } from '@entente/schema'
import { LedgerError } from '../ledger-error.ts'
import { amend, type Edit } from '../record/amend-record.ts'
import { baseOf } from '../record/base.ts'
import { checkEdit } from '../record/check-edit.ts'
import { conflictsOf, type FieldConflict } from '../record/conflicts.ts'
import { toDataRecord } from '../record/merge-record.ts'
import type { OrderNote, StoredRecord } from '../record/stored-record.ts'
import type { Writer } from '../record/write-versions.ts'
import type { Shards } from '../shards/shards.ts'
import type { Projection } from '../tables/projection.ts'
import { breathe, type Committer } from './committer.ts'

/** What became of one record of many: changed, the same already, or refused and why. */
export interface EditResult {
  readonly record: RecordId
  readonly outcome: 'changed' | 'same' | 'refused'
  readonly code?: string
  readonly reason?: string
}

/** Labels wider than before, and the policy authorities who answer for them. */
export interface Widening {
  readonly by: string
  readonly labels: Readonly<Record<string, Label>>
  /** What they signed, for the nation's other nodes. */
  readonly order?: OrderNote
}

/**
 * Says who answers for the wider labels of an edit, or throws.
 * @param base what an order for this very state of the record names (`baseOf`)
 */
export type Answer = (record: DataRecord, base: string) => Widening

/** What people write themselves. One call at a time. */
export interface HandEdits {
  readonly stored: (id: RecordId) => Promise<{ shard: string; record: StoredRecord }>
  /** @param answer asked when its turn has come, with the record as it stands then */
  readonly edit: (id: RecordId, edit: Edit, by: Writer, answer?: Answer) => Promise<void>
  /** The same edit on many records, shard by shard; one that is refused leaves the others alone. */
  readonly editMany: (
    ids: readonly RecordId[],
    edit: Edit,
    by: Writer,
    onEdited?: (results: readonly EditResult[]) => void,
  ) => Promise<void>
  readonly conflicts: (id: RecordId) => Promise<FieldConflict[]>
  /** What `edit` would make of a record. */
  readonly preview: (id: RecordId, edit: Edit, by: Writer) => Promise<DataRecord>
}

export function createHandEdits(
  shards: Shards,
  projection: Projection,
  committer: Committer,
): HandEdits {
  const unknown = (id: string) =>
    new LedgerError('RECORD_UNKNOWN', `${id} is not a record of this ledger`)

  const stored: HandEdits['stored'] = async (id) => {
    const shard = projection.shardOf(id)
    const [record] = shard === undefined ? [] : await shards.read(shard, [id])
    if (shard === undefined || record === undefined) throw unknown(id)
    return { shard, record }
  }
  const amended = (record: StoredRecord, edit: Edit, by: Writer): StoredRecord => {
    checkEdit(record, edit)
    return amend(record, edit, by)
  }

  return {
    stored,
    edit: async (id, edit, by, answer) => {
      const { shard, record } = await stored(id)
      const widening = answer?.(toDataRecord(record), baseOf(record))
      checkEdit(record, edit, widening?.labels)
      const { order } = widening ?? {}
      const note = widening
        ? { ...by.note, widenedBy: widening.by, ...(order && { order }) }
        : by.note
      const next = amend(record, edit, { ...by, note })
      if (next !== record) await committer.commit(shard, [next], note)
    },
    editMany: async (ids, edit, by, onEdited) => {
      const byShard = Map.groupBy(ids, (id) => projection.shardOf(id) ?? '')
      const lost = byShard.get('') ?? []
      byShard.delete('')
      onEdited?.(lost.map((record) => ({ record, ...refusal(unknown(record)) })))
      for (const [shard, of] of byShard) {
        const next: StoredRecord[] = []
        const results: EditResult[] = []
        for (const record of await shards.read(shard, of))
          try {
            const after = amended(record, edit, by)
            if (after !== record) next.push(after)
            results.push({ record: record.id, outcome: after === record ? 'same' : 'changed' })
          } catch (error) {
            if (!(error instanceof LedgerError)) throw error
            results.push({ record: record.id, ...refusal(error) })
          }
        if (next.length > 0) await committer.commit(shard, next, by.note)
        onEdited?.(results)
        await breathe()
      }
    },
    conflicts: async (id) => conflictsOf((await stored(id)).record),
    preview: async (id, edit, by) => toDataRecord(amended((await stored(id)).record, edit, by)),
  }
}

const refusal = ({ code, message }: LedgerError) => ({
  outcome: 'refused' as const,
  code,
  reason: message,
})
