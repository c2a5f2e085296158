import { canonicalJson, type Envelope, type Json, joinLabels, type Label } from '@entente/schema'
import { joinHandling } from './join-envelopes.ts'
import { LedgerError } from './ledger-error.ts'
import { currentEnvelope, currentField } from './merge-record.ts'
import {
  type FieldContent,
  nextStamp,
  type Register,
  type Stamp,
  type StoredRecord,
  type Version,
} from './stored-record.ts'

/** A record as a source or a person first states it. */
export interface Draft extends Pick<StoredRecord, 'kind' | 'dataset' | 'originator'> {
  readonly envelope: Envelope
  readonly fields: Readonly<Record<string, FieldContent>>
}

/** What to change in a record. A field keeps the value or the label that the edit does not name. */
export interface Edit {
  readonly set?: Readonly<Record<string, { readonly value?: Json; readonly label?: Label }>>
  readonly unset?: readonly string[]
  readonly envelope?: Partial<Envelope>
}

/** The first version of a record. `key`: its natural key in the source, for records that come from one. */
export function toStored(
  id: StoredRecord['id'],
  draft: Draft,
  actor: string,
  key?: string,
): StoredRecord {
  const at: Stamp = [1, actor]
  const fields: Record<string, Register<FieldContent>> = {}
  for (const [name, now] of Object.entries(draft.fields)) fields[name] = [{ now, at }]
  const { kind, dataset, originator } = draft
  const envelope: Register<Envelope> = [{ now: draft.envelope, at }]
  return { id, kind, originator, dataset, ...(key !== undefined && { key }), envelope, fields }
}

/**
 * Applies an edit by hand; concurrent versions of what it names are settled by it. Returns the same object when nothing changes.
 * @throws {LedgerError} `VALUE_INVALID`, `LABEL_MISSING` for a new field without value or label; `FIELD_UNKNOWN` for
 * an `unset` of a field that the record has not
 */
export function amend(record: StoredRecord, edit: Edit, actor: string): StoredRecord {
  const write = writer(record, actor)
  for (const [name, change] of Object.entries(edit.set ?? {})) {
    const current = currentField(record.fields[name] ?? [])
    const value = change.value === undefined ? current?.value : change.value
    const label = change.label ?? current?.label
    if (value === undefined)
      throw new LedgerError('VALUE_INVALID', `${name}: a new field needs a value`)
    if (label === undefined)
      throw new LedgerError('LABEL_MISSING', `${name}: a new field needs a label`)
    const terms = current?.terms
    write.field(name, { value, label, ...(terms && { terms }) }, true)
  }
  for (const name of edit.unset ?? []) {
    if (currentField(record.fields[name] ?? []) === null)
      throw new LedgerError('FIELD_UNKNOWN', `${record.id} has no field ${name}`)
    write.field(name, null, true)
  }
  if (edit.envelope) write.envelope({ ...currentEnvelope(record.envelope), ...edit.envelope }, true)
  return write.result()
}

/**
 * Takes in what the source now says. Only what the source has changed since it was last read is changed; a field that
 * the source no longer names stays; a label set by hand is never widened, a field taken out by hand stays out, a record withdrawn by hand stays withdrawn.
 * Returns the same object when the source says nothing new.
 */
export function absorb(record: StoredRecord, draft: Draft, actor: string): StoredRecord {
  const write = writer(record, actor)
  for (const [name, said] of Object.entries(draft.fields)) {
    const register = record.fields[name] ?? []
    const byHand = register[0]?.imported !== undefined
    if (byHand ? same(register[0]?.imported, said) : same(currentField(register), said)) continue
    // Taken out by hand: only a person brings it back.
    if (byHand && currentField(register) === null) continue
    const kept = byHand ? currentField(register)?.label : undefined
    write.field(name, kept ? { ...said, label: joinLabels(kept, said.label) } : said, false, said)
  }
  const imported = record.envelope[0]?.imported
  const current = currentEnvelope(record.envelope)
  write.envelope(
    imported ? rebase(current, imported, draft.envelope) : draft.envelope,
    false,
    draft.envelope,
  )
  return write.result()
}

/** Lays the source's changes from `before` to `said` over an envelope edited by hand. */
function rebase(current: Envelope, before: Envelope, said: Envelope): Envelope {
  const changed = Object.entries(said).filter(
    ([name, value]) => !same((before as Readonly<Record<string, unknown>>)[name], value),
  )
  const next: Envelope = { ...current, ...Object.fromEntries(changed) }
  return {
    ...next,
    status: current.status === 'withdrawn' ? 'withdrawn' : next.status,
    handling: same(before.handling, said.handling)
      ? current.handling
      : joinHandling(current.handling, said.handling),
  }
}

/** Collects new versions, all under one stamp; what would change nothing is left out. */
function writer(record: StoredRecord, actor: string) {
  const at = nextStamp(record, actor)
  let { envelope } = record
  const fields: Record<string, Register<FieldContent>> = { ...record.fields }
  let changed = false
  const version = <C>(
    register: Register<C>,
    now: C | null,
    byHand: boolean,
    said?: C,
  ): Register<C> => {
    const before = register[0]
    if (register.length === 1 && same(before?.now, now)) {
      if (byHand || before?.imported === undefined || same(before.imported, said)) return register
    }
    changed = true
    const was = stampsSeen(register, actor)
    const imported = byHand
      ? importedBefore(record, before)
      : before?.imported === undefined
        ? undefined
        : said
    return [
      { now, at, ...(was.length > 0 && { was }), ...(imported !== undefined && { imported }) },
    ]
  }
  return {
    field: (name: string, now: FieldContent | null, byHand: boolean, said?: FieldContent) => {
      fields[name] = version(fields[name] ?? [], now, byHand, said)
    },
    envelope: (now: Envelope, byHand: boolean, said?: Envelope) => {
      envelope = version(envelope, now, byHand, said)
    },
    result: (): StoredRecord => (changed ? { ...record, envelope, fields } : record),
  }
}

/** What the source last said of a field that is now edited by hand; undefined when the record has no source. */
function importedBefore<C>(
  record: StoredRecord,
  before: Version<C> | undefined,
): C | null | undefined {
  if (record.key === undefined) return undefined
  return before?.imported === undefined ? (before?.now ?? null) : before.imported
}

/** The latest stamp of every other actor in a register. */
function stampsSeen(register: Register<unknown>, actor: string): Stamp[] {
  const latest = new Map<string, number>()
  for (const { at, was = [] } of register)
    for (const [counter, writer] of [at, ...was])
      if (writer !== actor) latest.set(writer, Math.max(counter, latest.get(writer) ?? 0))
  return [...latest]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([writer, counter]) => [counter, writer])
}

const same = (a: unknown, b: unknown): boolean =>
  JSON.stringify(a) === JSON.stringify(b) ||
  (a !== undefined && b !== undefined && canonicalJson(a) === canonicalJson(b))
