import {
  canonicalJson,
  Envelope,
  type Kind,
  kinds,
  type Label,
  parseFieldValue,
  widens,
} from '@entente/schema'
import { LedgerError } from '../ledger-error.ts'
import { type Draft, type Edit, editedEnvelope } from './amend-record.ts'
import { boundOf } from './bound.ts'
import { currentEnvelope } from './merge-record.ts'
import type { StoredRecord } from './stored-record.ts'

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
 * @param answered labels for which policy authorities answer, by field
 * @throws {LedgerError} `FIELD_UNKNOWN`, `VALUE_INVALID`, `LABEL_WIDENS` when nobody answers for the wider label
 */
export function checkEdit(
  record: StoredRecord,
  edit: Edit,
  answered: Readonly<Record<string, Label>> = {},
): void {
  const envelope = editedEnvelope(record, edit)
  if (envelope !== null) {
    checkEnvelope(envelope)
    const { status } = currentEnvelope(record.envelope)
    if (status === 'withdrawn' && envelope.status !== status && !edit.revive)
      throw new LedgerError(
        'VALUE_INVALID',
        `status: ${record.id} was withdrawn; entente record restore brings it back`,
      )
  }
  for (const [name, { value, label }] of Object.entries(edit.set ?? {})) {
    if (value !== undefined) checkValue(record.kind, name, value)
    const register = record.fields[name] ?? []
    // Taking a field out and putting it back is no way round its label.
    const before = boundOf(register)?.label
    const wider = before !== undefined && label !== undefined && widens(before, label)
    if (wider && !edit.narrow && !isSame(answered[name], label))
      throw new LedgerError(
        'LABEL_WIDENS',
        `${name}: a wider label needs the signature of a policy authority: entente record edit … --key FILE`,
      )
  }
}

const isSame = (a: Label | undefined, b: Label): boolean =>
  a !== undefined && canonicalJson(a) === canonicalJson(b)

function checkEnvelope(envelope: Envelope): void {
  const parsed = Envelope.safeParse(envelope)
  if (parsed.success) return
  const issue = parsed.error.issues[0]
  throw new LedgerError('VALUE_INVALID', `${issue?.path.map(String).join('.')}: ${issue?.message}`)
}

function checkValue(kind: Kind, name: string, value: unknown): void {
  const error = valueError(kind, name, value)
  if (error !== null) throw error
}

/** Why nobody can write such a value by hand, or null: `FIELD_UNKNOWN`, `VALUE_INVALID`. */
export function valueError(kind: Kind, name: string, value: unknown): LedgerError | null {
  if (name === 'ext')
    return kinds[kind].schema.pick({ ext: true }).safeParse({ ext: value }).success
      ? null
      : new LedgerError('VALUE_INVALID', 'ext: not a set of national extensions')
  const parsed = parseFieldValue(kind, name, value)
  if (parsed.ok) return null
  const code = parsed.code === 'UNKNOWN_FIELD' ? 'FIELD_UNKNOWN' : 'VALUE_INVALID'
  return new LedgerError(code, parsed.reason)
}
