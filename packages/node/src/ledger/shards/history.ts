import * as A from '@automerge/automerge'
import { type DataRecord, digestOf, type Json } from '@entente/schema'
import { toDataRecord } from '../record/merge-record.ts'
import {
  type ChangeNote,
  compareStamps,
  type Register,
  type Stamp,
  type StoredRecord,
  type Version,
} from '../record/stored-record.ts'
import { parseStored } from '../record/stored-text.ts'
import { originOf, type ShardDocument } from './shard-document.ts'

/**
 * One write of one record. `fields` names what it wrote, `envelope` among them, `values` what it wrote there; null where it
 * took the field out.
 * `record` is what it left, where that is still known. `compacted`: kept when the shard was compacted, together with every
 * other write whose values were current then; older ones are gone.
 */
export interface HistoryEntry extends ChangeNote {
  readonly fields: readonly string[]
  readonly values: Readonly<Record<string, Json | null>>
  readonly record: DataRecord | null
  readonly compacted?: true
}

type Lift = (record: StoredRecord) => StoredRecord

/** Every write of each of these records, oldest first, as far as the changes that Automerge keeps tell of it. */
export function historiesOf(
  doc: A.Doc<ShardDocument>,
  ids: ReadonlySet<string>,
  lift: Lift,
): ReadonlyMap<string, HistoryEntry[]> {
  const histories = new Map<string, { known: Set<string>; entries: HistoryEntry[] }>()
  const compacted = originOf(doc).replaces.length > 0
  for (const { left, note, first } of changesOf(doc, (key) => ids.has(key), lift)) {
    const { known, entries } = histories.get(left.id) ?? { known: new Set(), entries: [] }
    histories.set(left.id, { known, entries })
    const fresh = [...writesIn(left)].filter(([stamp]) => !known.has(stamp))
    for (const [i, [stamp, write]] of fresh.entries()) {
      known.add(stamp)
      const { order: _order, ...noted } = write.note ?? note
      entries.push({
        ...noted,
        fields: write.fields.sort(),
        values: write.values,
        record: i === fresh.length - 1 ? toDataRecord(left) : null,
        ...(compacted && first && { compacted: true as const }),
      })
    }
  }
  return new Map([...histories].map(([id, { entries }]) => [id, entries]))
}

/** Records as they once were, by id: those of which some change left the version that is wanted. @param wanted version by id */
export function versionsIn(
  doc: A.Doc<ShardDocument>,
  wanted: ReadonlyMap<string, string>,
  lift: Lift,
): ReadonlyMap<string, DataRecord> {
  const found = new Map<string, DataRecord>()
  for (const { left } of changesOf(doc, (key) => wanted.has(key), lift)) {
    const record = toDataRecord(left)
    if (digestOf(record) === wanted.get(record.id)) found.set(record.id, record)
  }
  return found
}

/**
 * A record whose every version says who wrote it: versions from before notes were kept take theirs from the change that
 * first held them.
 */
export function withNotes(
  record: StoredRecord,
  noteOf: (id: string, at: Stamp) => ChangeNote | undefined,
): StoredRecord {
  const noted = <C>(register: Register<C>): Register<C> =>
    register.map((version) => {
      const note = version.note ?? noteOf(record.id, version.at)
      return note === undefined ? version : { ...version, note }
    })
  const fields = Object.entries(record.fields).map(([name, register]) => [name, noted(register)])
  return { ...record, envelope: noted(record.envelope), fields: Object.fromEntries(fields) }
}

/** Who wrote each version of every record, by the changes of a shard. */
export function notesIn(
  doc: A.Doc<ShardDocument>,
  lift: Lift,
): (id: string, at: Stamp) => ChangeNote | undefined {
  const notes = new Map<string, ChangeNote>()
  for (const { left, note } of changesOf(doc, () => true, lift))
    for (const [stamp, write] of writesIn(left)) {
      const key = `${left.id} ${stamp}`
      if (!notes.has(key)) notes.set(key, write.note ?? note)
    }
  return (id, at) => notes.get(`${id} ${stampKey(at)}`)
}

/** Every state of one record that some change left, as far as Automerge keeps them, each after those it was made of. */
export const statesOf = (doc: A.Doc<ShardDocument>, id: string, lift: Lift): StoredRecord[] =>
  [...changesOf(doc, (key) => key === id, lift)].map(({ left }) => left)

interface RecordChange {
  /** The record as the change left it. */
  readonly left: StoredRecord
  readonly note: ChangeNote
  /** Whether it is the change that made the shard. */
  readonly first: boolean
}

function* changesOf(
  doc: A.Doc<ShardDocument>,
  wanted: (id: string) => boolean,
  lift: Lift,
): Generator<RecordChange> {
  for (const change of A.getAllChanges(doc)) {
    const { ops, message, deps } = A.decodeChange(change)
    for (const op of ops) {
      if (!('key' in op && 'value' in op) || !isRecordKey(op.key) || !wanted(op.key)) continue
      const note = JSON.parse(message ?? '') as ChangeNote
      yield { left: lift(parseStored(String(op.value))), note, first: deps.length === 0 }
    }
  }
}

const isRecordKey = (key: unknown): key is string =>
  typeof key === 'string' && key.startsWith('urn:entente:')

interface Write {
  readonly at: Stamp
  readonly note: ChangeNote | undefined
  readonly fields: string[]
  readonly values: Record<string, Json | null>
}

/** What stands in a record, by the write that left it, in their order. */
function writesIn(record: StoredRecord): Map<string, Write> {
  const writes = new Map<string, Write>()
  const wrote = (name: string, { at, note }: Version<unknown>): Write => {
    const write = writes.get(stampKey(at)) ?? { at, note, fields: [], values: {} }
    write.fields.push(name)
    writes.set(stampKey(at), write)
    return write
  }
  for (const version of record.envelope) wrote('envelope', version)
  for (const [name, register] of Object.entries(record.fields))
    for (const version of register) wrote(name, version).values[name] = version.now?.value ?? null
  return new Map([...writes].sort(([, a], [, b]) => compareStamps(a.at, b.at)))
}

const stampKey = ([counter, actor]: Stamp): string => `${counter} ${actor}`
