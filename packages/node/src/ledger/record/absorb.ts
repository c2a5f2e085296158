import { type Envelope, joinLabels } from '@entente/schema'
import type { Draft } from './amend-record.ts'
import { joinEnvelopes, joinHandling } from './join-envelopes.ts'
import { currentEnvelope, currentField } from './merge-record.ts'
import type { StoredRecord } from './stored-record.ts'
import { same, versionsOf, type Writer } from './write-versions.ts'

/**
 * Takes in what the source now says. Only what the source has changed since it was last read is changed; a field that
 * the source no longer names stays; a label set by hand is never widened, any other only if `mayWiden`; a field taken out
 * by hand stays out, a record withdrawn by hand stays withdrawn. Returns the same object when the source says nothing new.
 * @param mayWiden whether a policy authority has signed for the labels that the source gives
 */
export function absorb(
  record: StoredRecord,
  draft: Draft,
  by: Writer,
  mayWiden: boolean,
): StoredRecord {
  const write = versionsOf(record, by)
  for (const [name, said] of Object.entries(draft.fields)) {
    const register = record.fields[name] ?? []
    const current = currentField(register)
    const byHand = register[0]?.imported !== undefined
    if (same(byHand ? register[0]?.imported : current, said)) continue
    // Taken out by hand: only a person brings it back.
    if (byHand && current === null) continue
    const kept = byHand || !mayWiden ? current?.label : undefined
    const terms = said.terms ?? current?.terms
    const label = kept ? joinLabels(kept, said.label) : said.label
    write.field(name, { ...said, label, ...(terms && { terms }) }, false, said)
  }
  const imported = record.envelope[0]?.imported
  const current = currentEnvelope(record.envelope)
  write.envelope(
    keepOrigins(current, imported ? rebase(current, imported, draft.envelope) : draft.envelope),
    false,
    draft.envelope,
  )
  return write.result()
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

/** What a record was derived from it stays derived from, whatever a source says later. */
function keepOrigins(current: Envelope, next: Envelope): Envelope {
  const { derivedFrom } = joinEnvelopes(next, current)
  return { ...next, ...(derivedFrom && { derivedFrom }) }
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
