import {
  defaultLabelOf,
  type Envelope,
  fieldsOf,
  type Json,
  joinLabels,
  type Label,
} from '@entente/schema'
import { LedgerError } from '../ledger-error.ts'
import { boundOf } from './bound.ts'
import { addJurisdictions } from './join-envelopes.ts'
import { currentEnvelope, currentField } from './merge-record.ts'
import type { FieldContent, Register, Stamp, StoredRecord } from './stored-record.ts'
import { versionsOf, type Writer } from './write-versions.ts'

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
  /** Jurisdictions are only added by hand: taking one away would widen. */
  readonly addJurisdiction?: Envelope['jurisdiction']
  /** Labels are joined with what binds the fields already, so that none gets wider whatever the edit says. */
  readonly narrow?: boolean
  /** Takes back a withdrawal, which a status alone does not. */
  readonly revive?: boolean
}

/** The first version of a record. `key`: its natural key in the source, for records that come from one. */
export function toStored(
  id: StoredRecord['id'],
  draft: Draft,
  { actor, note }: Writer,
  key?: string,
): StoredRecord {
  const at: Stamp = [1, actor]
  const fields: Record<string, Register<FieldContent>> = {}
  for (const [name, now] of Object.entries(draft.fields)) fields[name] = [{ now, at, note }]
  const { kind, dataset, originator } = draft
  const envelope: Register<Envelope> = [{ now: draft.envelope, at, note }]
  return { id, kind, originator, dataset, ...(key !== undefined && { key }), envelope, fields }
}

/**
 * Applies an edit by hand; concurrent versions of what it names are settled by it. Returns the same object when nothing changes.
 * A new field without a label gets that of its class.
 * @throws {LedgerError} `VALUE_INVALID` for a new field without a value; `FIELD_UNKNOWN` for an `unset` of a field that the
 * record has not
 */
export function amend(record: StoredRecord, edit: Edit, by: Writer): StoredRecord {
  const write = versionsOf(record, by)
  for (const [name, change] of Object.entries(edit.set ?? {})) {
    const current = currentField(record.fields[name] ?? [])
    const bound = boundOf(record.fields[name] ?? [])
    const value = change.value === undefined ? current?.value : change.value
    if (value === undefined)
      throw new LedgerError('VALUE_INVALID', `${name}: a new field needs a value`)
    const given = change.label ?? current?.label ?? newLabel(record, name)
    const label = edit.narrow && bound ? joinLabels(bound.label, given) : given
    const terms = bound?.terms
    // What a person types is the value itself; a source's own spelling goes with the value it stood for.
    const asGiven = change.value === undefined ? current?.asGiven : undefined
    write.field(
      name,
      { value, label, ...(terms && { terms }), ...(asGiven !== undefined && { asGiven }) },
      true,
    )
  }
  for (const name of edit.unset ?? []) {
    if (currentField(record.fields[name] ?? []) === null)
      throw new LedgerError('FIELD_UNKNOWN', `${record.id} has no field ${name}`)
    write.field(name, null, true)
  }
  const envelope = editedEnvelope(record, edit)
  if (envelope !== null) write.envelope(envelope, true)
  return write.result()
}

/** What a record would say about itself after an edit; null where the edit does not touch that. */
export function editedEnvelope(
  record: StoredRecord,
  { envelope, addJurisdiction }: Edit,
): Envelope | null {
  if (envelope === undefined && addJurisdiction === undefined) return null
  const current = currentEnvelope(record.envelope)
  const jurisdiction = addJurisdictions(current.jurisdiction, addJurisdiction)
  return { ...current, ...envelope, ...(jurisdiction && { jurisdiction }) }
}

/** Label of a field that the record has not: that of its class, and no wider than what it was bound by when it had it. */
function newLabel(record: StoredRecord, name: string): Label {
  const register = record.fields[name] ?? []
  const label = defaultLabelOf(fieldsOf(record.kind)[name]?.sensitivity ?? 'N')
  const bound = boundOf(register)
  return bound === undefined ? label : joinLabels(bound.label, label)
}
