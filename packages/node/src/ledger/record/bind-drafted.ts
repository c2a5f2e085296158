import {
  digestOf,
  type Field,
  joinHandling,
  joinLabels,
  joinTerms,
  type LabelOrder,
  widens,
} from '@entente/schema'
import { baseOf } from './base.ts'
import { boundOf, joinBounds } from './bound.ts'
import { bindEnvelope } from './join-envelopes.ts'
import { currentEnvelope, currentField, mergeRegisters, toDataRecord } from './merge-record.ts'
import {
  type FieldContent,
  nextStamp,
  type OrderNote,
  type Register,
  type StoredRecord,
  type Version,
} from './stored-record.ts'
import { same, stampsSeen, type Writer } from './write-versions.ts'

/** Whether enough policy authorities have signed an order. */
export type AnswersFor = (
  order: Omit<LabelOrder, 'nation'>,
  signatures: readonly string[],
) => boolean

/**
 * Binds what a drafting node has made of a record by what this node held of it: no label, tag or handling gets wider, unless
 * policy authorities have signed for exactly that. What it wrote besides stays. Returns the same object when nothing got wider.
 * @param before as this node held it @param after as it is with what came
 * @param states every state of the record that is known of the drafting node, oldest first
 * @param by this node, which writes what binds
 */
export function bindDrafted(
  before: StoredRecord,
  after: StoredRecord,
  states: () => readonly StoredRecord[],
  answersFor: AnswersFor,
  by: Writer,
): StoredRecord {
  const at = nextStamp(after, by.actor)
  const write = <C>(register: Register<C>, now: C | null): Version<C> => {
    const was = stampsSeen(register, by.actor)
    const [latest] = register
    return {
      now,
      at,
      ...(was.length > 0 && { was }),
      ...(latest?.imported !== undefined && { imported: latest.imported }),
      note: by.note,
    }
  }
  const fields: Record<string, Register<FieldContent>> = { ...after.fields }
  let { envelope } = after
  let changed = false
  for (const [name, register] of Object.entries(before.fields)) {
    const next = after.fields[name] ?? []
    if (same(register, next)) continue
    const held = boundOf(register)
    const bound = joinBounds([boundOf(next), held])
    if (held === undefined || bound === undefined || same(bound, boundOf(next))) continue
    const now = boundOf(next)
    const isNarrowed = now !== undefined && !widens(held.label, now.label)
    // Another order of the same words, or a join that only says more, is nothing to write down.
    if (isNarrowed && same(joinTerms(held.terms, now.terms), now.terms)) continue
    if (isOrdered(before, name, now, states, answersFor)) continue
    const content = currentField(next)
    fields[name] = [
      content === null
        ? { ...write(next, null), out: bound }
        : write(next, withBound(content, bound)),
    ]
    changed = true
  }
  const [held, came] = [currentEnvelope(before.envelope), currentEnvelope(after.envelope)]
  const bound = bindEnvelope(came, held)
  const isBound =
    same(joinHandling(came.handling, held.handling), came.handling) &&
    bound.jurisdiction?.length === came.jurisdiction?.length &&
    bound.derivedFrom?.length === came.derivedFrom?.length
  if (!isBound) {
    envelope = [write(after.envelope, bound)]
    changed = true
  }
  return changed ? { ...after, envelope, fields } : after
}

const withBound = (
  { value, label, asGiven }: Field,
  bound: { readonly label: Field['label']; readonly terms?: Field['terms'] | undefined },
): FieldContent => ({
  value,
  label: joinLabels(label, bound.label),
  ...(bound.terms && { terms: bound.terms }),
  ...(asGiven !== undefined && { asGiven }),
})

/**
 * Whether an order answers for a wider label. It must have been signed for a state of the record in which all that this node holds of
 * the field had been seen: what was narrowed here since then it does not widen again.
 */
function isOrdered(
  before: StoredRecord,
  name: string,
  now: Pick<Field, 'label' | 'terms'> | undefined,
  states: () => readonly StoredRecord[],
  answersFor: AnswersFor,
): boolean {
  const held = before.fields[name] ?? []
  // Orders are about labels: terms of another originator never get fewer by one.
  if (now === undefined || !same(joinTerms(boundOf(held)?.terms, now.terms), now.terms))
    return false
  const all = states()
  return all.some((state) =>
    (state.fields[name] ?? []).some((version) => {
      const order = version.note?.order
      const label = order?.labels[name]
      if (order === undefined || label === undefined || version.note === undefined) return false
      if (!same(version.now?.label, label) || widens(label, now.label)) return false
      if (digestOf(valuesIn(state, order)) !== order.values) return false
      const seen = all.find((each) => baseOf(each) === order.base)?.fields[name]
      if (seen === undefined || !same(mergeRegisters([seen, held]), seen)) return false
      const { base, labels, values, signatures } = order
      const { reason } = version.note
      return answersFor({ record: before.id, base, labels, values, reason }, signatures)
    }),
  )
}

/** What the labelled fields of an order say in a state, by name. */
function valuesIn(state: StoredRecord, { labels }: OrderNote) {
  const { fields } = toDataRecord(state)
  return Object.fromEntries(Object.keys(labels).map((name) => [name, fields[name]?.value ?? null]))
}
