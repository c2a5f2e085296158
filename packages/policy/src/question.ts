import type { DataRecord, Label, Nation } from '@entente/schema'
import type { CompiledPolicy } from './compile.ts'
import { type Consented, consentFor } from './consent/cover.ts'
import { type Supply, supplyOf } from './consent/supply.ts'
import type { Purpose } from './document.ts'
import { agreementsFor } from './register/cover.ts'

/** May this nation have this field of this record, for this purpose, at this time? */
export interface Question {
  readonly record: DataRecord
  readonly field: string
  readonly recipient: Nation
  readonly purpose: Purpose
  readonly atMs: number
  /** The nation that would send it. */
  readonly sender: Nation
}

export type Effect = 'permit' | 'deny' | 'transform' | 'approve'

/** How much of a value goes: whole, in narrow bands, in wide bands, not at all. */
export const levels = ['exact', 'fine', 'coarse', 'redact'] as const
export type Level = (typeof levels)[number]

/** What is true of a question: all that gates and rows can look at. Null: the record does not say. */
export interface Facts extends FieldFacts {
  readonly record: RecordFacts
  readonly field: string
  readonly recipient: Nation
  readonly recipientGroups: readonly string[]
  readonly purpose: Purpose
  readonly sender: Nation
  readonly atMs: number
  /** Ids of the agreements of the register that cover all of the above, sorted. */
  readonly agreements: readonly string[]
  /** What all suppliers of a COMMERCIAL field have consented to; null: somebody has not. */
  readonly consent: Consented | null
}

/** The part of the facts that a record says of one field, beside its name. */
export interface FieldFacts {
  readonly label: Label | null
  readonly conflict: boolean
  /** Originator that the field's own terms name. */
  readonly termsOriginator: Nation | null
  /** Whose consent it needs; null: it is not COMMERCIAL, and asks nobody. Read of such fields alone: it costs a record that has none nothing. */
  readonly supply: Supply | null
}

/**
 * What gates may read. Names of fields, kinds, suppliers and confidence they may not: the memory of a decider keeps of these only what
 * rows, agreements and consents ask of them (`CompiledPolicy.tells`, `supplyKeyOf`).
 */
export type GateFacts = Omit<Facts, 'field' | 'record' | 'supply'> & {
  readonly record: Omit<RecordFacts, 'kind' | 'confidence'>
}

/** The part of the facts that all fields of a record share. */
export interface RecordFacts {
  readonly kind: string
  readonly dataset: string
  readonly originator: Nation
  readonly status: string
  readonly confidence: string | null
  /** Date of the record: which members a group in its labels means. */
  readonly asOf: string
  readonly regimes: readonly string[]
  /** Regimes that need an agreement, each with what is known of the item. */
  readonly tagged: readonly TaggedItem[]
  /** Nations whose records this one was derived from. */
  readonly derivedFrom: readonly Nation[]
}

export interface TaggedItem {
  readonly regime: string
  readonly code: string | null
  readonly value: { readonly amount: string; readonly currency: string } | null
}

export function recordFactsOf({ kind, dataset, originator, envelope }: DataRecord): RecordFacts {
  return {
    kind,
    dataset,
    originator,
    status: envelope.status,
    confidence: envelope.confidence ?? null,
    asOf: envelope.asOf,
    regimes: (envelope.jurisdiction ?? []).map((entry) => entry.regime),
    tagged: (envelope.jurisdiction ?? [])
      .filter(({ regime }) => regime !== 'none')
      .map(({ regime, code, value }) => ({ regime, code: code ?? null, value: value ?? null })),
    derivedFrom: (envelope.derivedFrom ?? []).map((source) => source.originator),
  }
}

export function fieldFactsOf(record: DataRecord, name: string): FieldFacts {
  const { fields } = record
  const field = Object.hasOwn(fields, name) ? fields[name] : undefined
  return {
    label: field?.label ?? null,
    conflict: field?.conflict === true,
    termsOriginator: field?.terms?.originator ?? null,
    supply: field?.label.caveats.includes('COMMERCIAL') ? supplyOf(record) : null,
  }
}

export const factsOf = (question: Question, record: RecordFacts, policy: CompiledPolicy): Facts =>
  factsAt(question.atMs, question, record, fieldFactsOf(question.record, question.field), policy)

/** The facts as they are at some moment. */
export function factsAt(
  atMs: number,
  { field, recipient, purpose, sender }: Omit<Question, 'atMs'>,
  record: RecordFacts,
  { label, conflict, termsOriginator, supply }: FieldFacts,
  policy: CompiledPolicy,
): Facts {
  const recipientGroups = policy.groups.of(recipient, atMs)
  const asked = {
    record,
    field,
    label,
    conflict,
    termsOriginator,
    supply,
    recipient,
    recipientGroups,
    purpose,
    sender,
    atMs,
    agreements: none,
    consent: null,
  }
  if (policy.register === null) return asked
  return {
    ...asked,
    agreements: agreementsFor(asked, policy.register),
    consent: consentFor(asked, supply, policy.register),
  }
}
const none: readonly string[] = []
