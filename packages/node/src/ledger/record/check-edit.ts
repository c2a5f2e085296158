import { Envelope, type Kind, kinds, parseFieldValue, widens } from '@entente/schema'
import { LedgerError } from '../ledger-error.ts'
import type { Draft, Edit } from './amend-record.ts'
import { currentEnvelope } from './merge-record.ts'
import type { StoredRecord } from './stored-record.ts'
import { boundOf } from './write-versions.ts'

/**
 * Checks a draft written by hand against its kind.
 * @throws {LedgerError} `FIELD_UNKNOWN`, `VALUE_INVALID`
 */
export function checkDraft(draft: Draft): void {
  checkEnvelope(draft.envelope)
  for (const [name, { value }] of Object.entries(draft.fields)) checkValue(draft.kind, name, value)
}

/**
 * Checks an edit before anything is written. A label counts as wider when it is not at least as strict as the one it
 * replaces: lower, fewer caveats, or one more name to release to.
 * @throws {LedgerError} `FIELD_UNKNOWN`, `VALUE_INVALID`, `LABEL_WIDENS` when no officer answers for the wider label
 */
export function checkEdit(record: StoredRecord, edit: Edit, widenedBy: string | undefined): void {
  if (edit.envelope) checkEnvelope({ ...currentEnvelope(record.envelope), ...edit.envelope })
  for (const [name, { value, label }] of Object.entries(edit.set ?? {})) {
    if (value !== undefined) checkValue(record.kind, name, value)
    const register = record.fields[name] ?? []
    // Taking a field out and putting it back is no way round its label.
    const before = boundOf(register)?.label
    if (before && label && !edit.narrow && widens(before, label) && widenedBy === undefined)
      throw new LedgerError(
        'LABEL_WIDENS',
        `${name}: a wider label needs the signature of a policy authority: entente record edit … --key FILE`,
      )
  }
}

function checkEnvelope(envelope: Envelope): void {
  const parsed = Envelope.safeParse(envelope)
  if (parsed.success) return
  const issue = parsed.error.issues[0]
  throw new LedgerError('VALUE_INVALID', `${issue?.path.map(String).join('.')}: ${issue?.message}`)
}

function checkValue(kind: Kind, name: string, value: unknown): void {
  if (name === 'ext') {
    if (!kinds[kind].schema.pick({ ext: true }).safeParse({ ext: value }).success)
      throw new LedgerError('VALUE_INVALID', 'ext: not a set of national extensions')
    return
  }
  const parsed = parseFieldValue(kind, name, value)
  if (parsed.ok) return
  throw new LedgerError(
    parsed.code === 'UNKNOWN_FIELD' ? 'FIELD_UNKNOWN' : 'VALUE_INVALID',
    parsed.reason,
  )
}
