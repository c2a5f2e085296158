import * as A from '@automerge/automerge'
import { type DataRecord, digestOf } from '@entente/schema'
import { toDataRecord } from './merge-record.ts'
import type { ShardDocument } from './shards.ts'
import {
  type ChangeNote,
  compareStamps,
  registersOf,
  type Stamp,
  type StoredRecord,
} from './stored-record.ts'
import { parseStored } from './stored-text.ts'

/** One change of one record. `fields` names what it wrote, `envelope` among them; `record` is what it left. */
export interface HistoryEntry extends ChangeNote {
  readonly fields: readonly string[]
  readonly record: DataRecord
}

/** Every change of a record, oldest first, read from the changes that Automerge keeps. */
export function historyOf(
  doc: A.Doc<ShardDocument>,
  id: string,
  lift: (record: StoredRecord) => StoredRecord,
): HistoryEntry[] {
  return A.getAllChanges(doc)
    .map((change) => A.decodeChange(change))
    .flatMap(({ ops, message }) => {
      const op = ops.find((op) => 'key' in op && op.key === id)
      if (op === undefined || !('value' in op)) return []
      const left = lift(parseStored(String(op.value)))
      return [{ ...noteOf(message), fields: writtenIn(left), record: toDataRecord(left) }]
    })
}

/** Records as they once were, by id: those of which some change left the version that is wanted. @param wanted version by id */
export function versionsIn(
  doc: A.Doc<ShardDocument>,
  wanted: ReadonlyMap<string, string>,
  lift: (record: StoredRecord) => StoredRecord,
): ReadonlyMap<string, DataRecord> {
  const found = new Map<string, DataRecord>()
  for (const change of A.getAllChanges(doc))
    for (const op of A.decodeChange(change).ops) {
      const version = 'key' in op ? wanted.get(String(op.key)) : undefined
      if (version === undefined || !('value' in op)) continue
      const record = toDataRecord(lift(parseStored(String(op.value))))
      if (digestOf(record) === version) found.set(record.id, record)
    }
  return found
}

/** Names of what the latest write of a stored record changed: the registers that carry its highest stamp. */
function writtenIn(record: StoredRecord): string[] {
  const latest = registersOf(record)
    .flatMap((register) => register.map(({ at }) => at))
    .reduce((a: Stamp, b: Stamp) => (compareStamps(a, b) >= 0 ? a : b))
  return Object.entries({ envelope: record.envelope, ...record.fields })
    .filter(([, register]) => register.some(({ at }) => compareStamps(at, latest) === 0))
    .map(([name]) => name)
    .sort()
}

const noteOf = (message: string | null): ChangeNote => JSON.parse(message ?? '') as ChangeNote
