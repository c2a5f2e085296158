import { type Envelope, joinHandling, joinLabels, joinTerms, widens } from '@entente/schema'
import type { Draft } from './amend-record.ts'
import { boundOf } from './bound.ts'
import { addJurisdictions, bindEnvelope, keepOrigins } from './join-envelopes.ts'
import { currentEnvelope, currentField } from './merge-record.ts'
import type { FieldContent, Register, StoredRecord } from './stored-record.ts'
import { isByHand, same, sourceWord, versionsOf, type Writer } from './write-versions.ts'

/**
 * Takes in what the source now says. Only what the source has changed since it was last read is changed; a field that
 * the source no longer names stays; a field taken out by hand stays out, a record withdrawn by hand stays withdrawn. A label
 * set by hand is never widened; any other label, handling and jurisdiction only if `widenedBy` answers for it. Returns the
 * same object when the source says nothing new.
 * @param widenedBy policy authorities who have signed for what the source gives; null: none
 * @param names whether the source itself names the label of a field: for a default nobody has signed, so it widens nothing
 */
export function absorb(
  record: StoredRecord,
  draft: Draft,
  by: Writer,
  widenedBy: string | null,
  names: (field: string) => boolean = () => true,
): StoredRecord {
  const taken = Object.entries(draft.fields).flatMap(([name, said]) => {
    const content = contentOf(record.fields[name] ?? [], said, widenedBy !== null && names(name))
    return content === null ? [] : [{ name, said, ...content }]
  })
  const answered = widenedBy !== null && taken.some(({ wider }) => wider)
  const write = versionsOf(record, answered ? { ...by, note: { ...by.note, widenedBy } } : by)
  for (const { name, said, now } of taken) write.field(name, now, false, said)
  const current = currentEnvelope(record.envelope)
  const before = isByHand(record.envelope) ? sourceWord(record.envelope) : null
  const next = before ? rebase(current, before, draft.envelope) : draft.envelope
  write.envelope(
    widenedBy === null
      ? bindEnvelope(next, current)
      : keepOrigins(keepHandTags(next, current, before), current),
    false,
    draft.envelope,
  )
  return write.result()
}

/** What a field is to say after its source has spoken, and whether its label is wider than before; null: as it is. */
function contentOf(register: Register<FieldContent>, said: FieldContent, mayWiden: boolean) {
  const current = currentField(register)
  const byHand = isByHand(register)
  if (same(byHand ? sourceWord(register) : current, said)) return null
  // Taken out by hand: only a person brings it back.
  if (byHand && current === null) return null
  const bound = boundOf(register)
  const label = bound && (byHand || !mayWiden) ? joinLabels(bound.label, said.label) : said.label
  const terms = joinTerms(bound?.terms, said.terms)
  const now: FieldContent = { ...said, label, ...(terms && { terms }) }
  return { now, wider: bound !== undefined && widens(bound.label, label) }
}

/** Fields that came from the source, all of whose rows no longer give them. */
export const goneFrom = (record: StoredRecord, draft: Draft): readonly string[] =>
  Object.entries(record.fields)
    .filter(
      ([name, register]) =>
        !Object.hasOwn(draft.fields, name) &&
        register[0]?.imported !== null &&
        currentField(register) !== null,
    )
    .map(([name]) => name)

/** A jurisdiction that a person has added stays, whatever a source says. @param before what the source had said, if edited since */
function keepHandTags(next: Envelope, current: Envelope, before: Envelope | null): Envelope {
  if (before === null) return next
  const ofSource = before.jurisdiction ?? []
  const added = (current.jurisdiction ?? []).filter(
    (entry) => !ofSource.some((each) => same(each, entry)),
  )
  const jurisdiction = addJurisdictions(next.jurisdiction, added)
  return { ...next, ...(jurisdiction && { jurisdiction }) }
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
