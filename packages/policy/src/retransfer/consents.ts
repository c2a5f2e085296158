import { type DataRecord, digestOf, type SealedConsent } from '@entente/schema'
import type { CompiledPolicy } from '../compile.ts'
import type { Facts } from '../question.ts'
import { sourcesOf } from './origins.ts'

/** Consents of other nations that this one holds, ready to decide with. Seals have been checked (`openConsent`). */
export interface CompiledConsents {
  /** Names all of them. */
  readonly digest: string
  /** Those that name a record, or one that it came from; sorted by digest, those that have run out among them. */
  readonly on: (record: DataRecord) => readonly SealedConsent[]
}

/**
 * The same policy beside consents of other nations. Those for another holder consent to nothing here. A consent is about one record: a
 * decider asks such records anew each time, so that its memory knows no record by its id.
 */
export function withConsents(
  policy: CompiledPolicy,
  consents: readonly SealedConsent[],
): CompiledPolicy {
  const byDigest = new Map(consents.map((each) => [each.digest, each]))
  const ours = [...byDigest.values()]
    .filter(({ consent }) => consent.holder === policy.nation)
    .sort((a, b) => (a.digest < b.digest ? -1 : 1))
  if (ours.length === 0) return { ...policy, consents: null }
  const byRecord = Map.groupBy(ours, ({ consent }) => consent.record)
  return {
    ...policy,
    consents: {
      digest: digestOf(ours.map(({ digest }) => digest)),
      on: (record) => {
        const named = sourcesOf(record).flatMap((source) => byRecord.get(source.record) ?? [])
        return [...new Set(named)].sort((a, b) => (a.digest < b.digest ? -1 : 1))
      },
    },
  }
}

/** Consents that name a record of a policy's nation; none where it holds none. */
export const consentsOn = (
  { consents }: Pick<CompiledPolicy, 'consents'>,
  record: DataRecord,
): readonly SealedConsent[] => consents?.on(record) ?? []

/** What names the consents that count for a record at a moment: while it stays, so does what they allow. */
export const consentGround = (
  policy: Pick<CompiledPolicy, 'consents'>,
  record: DataRecord,
  atMs: number,
): string =>
  consentsOn(policy, record)
    .filter(({ consent }) => atMs < consent.until)
    .map(({ digest }) => digest)
    .join()

/**
 * Of these, the ones that cover a question: of an originator of the record, over the field by its name and for the recipient and the
 * purpose, not run out; and over the value as it was received, unless they are over what was derived from it too. Each answers for its own
 * record alone, and does not say that it is the one that the value came in (`retransfersOf`).
 */
export function coveringConsents(
  { field, recipient, purpose, atMs, sender, received, record }: Facts,
  consents: readonly SealedConsent[],
): readonly SealedConsent[] {
  return consents.filter(({ consent }) => {
    const isOfRecord = record.sources.some(
      (source) => source.originator === consent.nation && source.record === consent.record,
    )
    const isFragment =
      received === null || received.record !== consent.record || received.head === consent.head
    const isAsReceived = received?.unchanged === true && received.record === consent.record
    return (
      consent.holder === sender &&
      isOfRecord &&
      isFragment &&
      (isAsReceived || consent.derived) &&
      consent.fields.includes(field) &&
      consent.recipients.includes(recipient) &&
      consent.purpose === purpose &&
      atMs < consent.until
    )
  })
}
