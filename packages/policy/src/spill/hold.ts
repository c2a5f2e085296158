import type { DataRecord, Field } from '@entente/schema'
import { type Decision, levelOf } from '../decide.ts'
import type { PolicyDocument } from '../document.ts'
import { showsText } from '../levels.ts'
import { type Spill, scanSpill } from './scan.ts'

/** A field is scanned once, however many nations ask for it. */
const scanned = new WeakMap<Field, readonly Spill[]>()

/** What a field would spill, if it went whole, and no signed entry of the policy allows. */
export function spillsOf(
  { fields }: Pick<DataRecord, 'fields'>,
  name: string,
  { spill }: Pick<PolicyDocument, 'spill'>,
): readonly Spill[] {
  const field = Object.hasOwn(fields, name) ? fields[name] : undefined
  if (field === undefined) return []
  const found = scanned.get(field) ?? scanSpill(field.value, field.label)
  scanned.set(field, found)
  return found.filter(
    ({ kind, text }) =>
      !spill?.allow.some(
        (entry) => entry.kind === kind && entry.text === text && (entry.field ?? name) === name,
      ),
  )
}

/** Where it is and what it looks like, without the text: reasons are told where values are not. */
export const sayWhere = ({ what, path, span: [from, to] }: Spill): string =>
  `possible spill: ${what} at characters ${from + 1} to ${to}${path === '' ? '' : ` of ${path}`}`

/**
 * A value that would go, and may spill, waits for an officer; in bands as well, beside which units and periods go as they are. Of the text
 * beside a nation, or behind a pseudonym, nothing goes.
 */
export function holdSpills(
  decision: Decision,
  record: Pick<DataRecord, 'fields'>,
  field: string,
  document: Pick<PolicyDocument, 'spill'>,
): Decision {
  if (decision.effect !== 'approve' && !showsText(levelOf(decision))) return decision
  const spills = spillsOf(record, field, document)
  if (spills.length === 0) return decision
  const before = decision.effect === 'approve' ? decision.because : []
  const because = [...new Set([...before, ...spills.map(sayWhere)])].sort()
  return { ...decision, effect: 'approve', because, transform: null, authority: null, roles: null }
}
