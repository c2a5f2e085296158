import type { DataRecord, Json, RecordId } from '@entente/schema'
import type { Change } from '../ledger.ts'
import { LedgerError } from '../ledger-error.ts'
import { amend, type Edit } from '../record/amend-record.ts'
import { checkEdit } from '../record/check-edit.ts'
import { changesOf, type FieldChange } from '../record/field-changes.ts'
import { currentField } from '../record/merge-record.ts'
import { nextStamp, type Stamp, type StoredRecord } from '../record/stored-record.ts'
import { same, type Writer } from '../record/write-versions.ts'
import { versionsIn } from '../shards/history.ts'
import type { Shards } from '../shards/shards.ts'
import type { Projection } from '../tables/projection.ts'
import { breathe, type Committer } from './committer.ts'

/** An edit of one record by somebody who saw it earlier, such as in a table. Null: no value. */
export interface SeenEdit {
  readonly record: RecordId
  readonly values: Readonly<Record<string, Json | null>>
  /** What was seen of these fields. */
  readonly seen: Readonly<Record<string, Json | null>>
}

/** What became of such an edit, or would. `kept`: somebody has changed what was seen, so nothing of it is done. */
export interface SeenResult {
  readonly record: RecordId
  readonly outcome: 'update' | 'same' | 'kept' | 'refused'
  readonly changes: readonly FieldChange[]
  /** Fields that are no longer as they were seen; none when the record is gone. */
  readonly kept: readonly string[]
  readonly refusal: string | null
  /** The record as it was, for a change, and the stamp under which it was written. */
  readonly before: StoredRecord | null
  readonly stamp: Stamp | null
}

/** The part of a ledger for edits of many records, each its own. A record occurs once in a call. */
export interface SeenEdits {
  /** A record that has changed since, or refuses its edit, is left as it is. @param onEdited told in the transaction that does it, shard by shard */
  readonly editSeen: (
    edits: readonly SeenEdit[],
    change: Change,
    onEdited: (results: readonly SeenResult[]) => void,
  ) => Promise<void>
  /** What `editSeen` would do now; writes nothing. */
  readonly compareSeen: (edits: readonly SeenEdit[]) => Promise<readonly SeenResult[]>
  /** Records in the versions that were seen, by id; left out are those of whose version the history knows nothing. */
  readonly versions: (seen: ReadonlyMap<string, string>) => Promise<ReadonlyMap<string, DataRecord>>
}

interface SeenEditsDeps {
  readonly shards: Shards
  readonly projection: Projection
  readonly committer: Committer
  readonly writerOf: (change: Change) => Writer
  readonly lift: (record: StoredRecord) => StoredRecord
  /** Runs work in a transaction of its own. */
  readonly transact: (work: () => void) => void
}

export function createSeenEdits(deps: SeenEditsDeps): SeenEdits {
  const { shards, projection, committer, writerOf, lift, transact } = deps
  const { inTurn } = committer

  const eachShard = async (
    edits: readonly SeenEdit[],
    by: Writer,
    use: (shard: string | null, made: readonly Made[]) => Promise<void>,
  ): Promise<void> => {
    const byShard = Map.groupBy(edits, ({ record }) => projection.shardOf(record) ?? '')
    for (const [shard, of] of byShard) {
      const byId = new Map(of.map((edit) => [edit.record as string, edit]))
      const records = shard === '' ? [] : await shards.read(shard, [...byId.keys()])
      const made = records.map((record) => make(record, byId.get(record.id), by))
      for (const { id } of records) byId.delete(id)
      const gone = [...byId.values()].map(({ record }): Made => [null, nothing(record, 'kept')])
      await use(shard === '' ? null : shard, [...made, ...gone])
      await breathe()
    }
  }

  return {
    editSeen: (edits, change, onEdited) =>
      inTurn(() => {
        const by = writerOf(change)
        return eachShard(edits, by, async (shard, made) => {
          const next = made.flatMap(([after]) => after ?? [])
          const also = () => onEdited(made.map(([, result]) => result))
          if (shard !== null && next.length > 0)
            await committer.commit(shard, next, by.note, { also })
          else transact(also)
        })
      }),
    compareSeen: (edits) =>
      inTurn(async () => {
        const results = new Map<string, SeenResult>()
        await eachShard(edits, writerOf({ author: '', reason: '' }), async (_, made) => {
          for (const [, result] of made) results.set(result.record, result)
        })
        return edits.map(({ record }) => results.get(record) ?? nothing(record, 'kept'))
      }),
    versions: (seen) =>
      inTurn(async () => {
        const found = new Map<string, DataRecord>()
        for (const [shard, of] of Map.groupBy(seen, ([id]) => projection.shardOf(id) ?? '')) {
          const doc = shard === '' ? null : await shards.document(shard)
          if (doc === null) continue
          for (const [id, record] of versionsIn(doc, new Map(of), lift)) found.set(id, record)
          await breathe()
        }
        return found
      }),
  }
}

/** The record to be written, if any, and what that means. */
type Made = readonly [after: StoredRecord | null, result: SeenResult]

function make(record: StoredRecord, edit: SeenEdit | undefined, by: Writer): Made {
  if (edit === undefined) return [null, nothing(record.id, 'same')]
  const now = (name: string) => currentField(record.fields[name] ?? [])?.value ?? null
  const open = Object.keys(edit.values).filter((name) => !same(now(name), edit.values[name]))
  const kept = open.filter((name) => !same(now(name), edit.seen[name] ?? null))
  if (kept.length > 0) return [null, { ...nothing(record.id, 'kept'), kept }]
  try {
    const changed = editOf(open, edit.values)
    checkEdit(record, changed, undefined)
    const after = amend(record, changed, by)
    if (after === record) return [null, nothing(record.id, 'same')]
    const changes = changesOf(record, after)
    const stamp = nextStamp(record, by.actor)
    return [after, { ...nothing(record.id, 'update'), changes, before: record, stamp }]
  } catch (error) {
    if (!(error instanceof LedgerError)) throw error
    return [null, { ...nothing(record.id, 'refused'), refusal: error.message }]
  }
}

function editOf(names: readonly string[], values: SeenEdit['values']): Edit {
  const set: Record<string, { value: Json }> = {}
  const unset: string[] = []
  for (const name of names) {
    const value = values[name] ?? null
    if (value === null) unset.push(name)
    else set[name] = { value }
  }
  return { set, unset }
}

const nothing = (record: RecordId, outcome: SeenResult['outcome']): SeenResult => ({
  record,
  outcome,
  changes: [],
  kept: [],
  refusal: null,
  before: null,
  stamp: null,
})
