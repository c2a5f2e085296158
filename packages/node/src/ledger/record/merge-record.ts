import { canonicalJson, type DataRecord, type Envelope, type Field } from '@entente/schema'
import { boundOf } from './bound.ts'
import { joinEnvelopes } from './join-envelopes.ts'
import {
  compareStamps,
  type FieldContent,
  type Register,
  type StoredRecord,
  type Version,
} from './stored-record.ts'

/**
 * Merges concurrent versions of one record field by field: a version stays unless another one replaced it.
 * The order and grouping of the merges do not matter, and nothing that two people wrote apart is lost.
 * @param records versions of the same record, at least one
 */
export function mergeRecords(records: readonly [StoredRecord, ...StoredRecord[]]): StoredRecord {
  const [first, ...others] = records
  if (others.length === 0) return first
  const names = new Set(records.flatMap((record) => Object.keys(record.fields)))
  return {
    ...first,
    ...formOf(records),
    envelope: mergeRegisters(records.map((record) => record.envelope)),
    fields: Object.fromEntries(
      [...names]
        .sort()
        .map((name) => [name, mergeRegisters(records.map((r) => r.fields[name] ?? []))]),
    ),
  }
}

/** Newest form among the parts, and the oldest where it differs: parts newer than this node knows are lifted by one that does. */
function formOf(records: readonly StoredRecord[]): Pick<StoredRecord, 'schema' | 'oldest'> {
  const schema = Math.max(...records.map((record) => record.schema ?? 1))
  const oldest = Math.min(...records.map((record) => record.oldest ?? record.schema ?? 1))
  return { ...(schema > 1 && { schema }), ...(oldest < schema && { oldest }) }
}

/** Versions of one field or envelope that no other one replaced, latest first. */
export function mergeRegisters<C>(registers: readonly Register<C>[]): Register<C> {
  const byText = new Map<string, Version<C>>()
  for (const version of registers.flat()) {
    const { note: _note, ...written } = version
    const text = canonicalJson(written)
    byText.set(text, noted(byText.get(text) ?? version, version))
  }
  return [...byText]
    .filter(([, version]) => ![...byText.values()].some((other) => replaces(other, version)))
    .sort(([a, x], [b, y]) => compareStamps(y.at, x.at) || (a < b ? -1 : 1))
    .map(([, version]) => version)
}

/** One version that came twice: with its note, where only one copy had it from its history. */
function noted<C>(a: Version<C>, b: Version<C>): Version<C> {
  if (!a.note || !b.note) return a.note ? a : b
  return canonicalJson(a.note) <= canonicalJson(b.note) ? a : b
}

/** Whether `later` was written by somebody who had seen `earlier`, or something that replaced it. */
function replaces(later: Version<unknown>, earlier: Version<unknown>): boolean {
  const [counter, actor] = earlier.at
  const seen = later.was?.find((stamp) => stamp[1] === actor)
  return (
    (seen !== undefined && seen[0] >= counter) || (later.at[1] === actor && later.at[0] > counter)
  )
}

/**
 * The merged state that decisions read. A field in conflict shows the latest candidate under the join of all labels,
 * so that no release is wider than any of the people meant.
 */
export function toDataRecord({
  id,
  kind,
  originator,
  dataset,
  envelope,
  fields,
}: StoredRecord): DataRecord {
  const merged: Record<string, Field> = {}
  for (const [name, register] of Object.entries(fields)) {
    const field = currentField(register)
    if (field !== null) merged[name] = field
  }
  return { id, kind, originator, dataset, envelope: currentEnvelope(envelope), fields: merged }
}

/** The field that a register shows; null when it was taken out. */
export function currentField(register: Register<FieldContent>): Field | null {
  const now = register.find((version) => version.now !== null)?.now
  if (now == null) return null
  if (register.length === 1) return now
  const { label, terms } = boundOf(register) ?? now
  return {
    value: now.value,
    label,
    ...(terms && { terms }),
    ...(inConflict(register) && { conflict: true as const }),
  }
}

/** The envelope that a register shows: when versions are concurrent, the stricter word of each. */
export const currentEnvelope = (register: Register<Envelope>): Envelope =>
  register.flatMap(({ now }) => now ?? []).reduce(joinEnvelopes)

const inConflict = (register: Register<unknown>): boolean =>
  new Set(register.map(({ now }) => canonicalJson(now))).size > 1
