import {
  type DataRecord,
  isAsReceived,
  type Label,
  type Nation,
  type SealedConsent,
  type TermsOf,
  termsIn,
} from '@entente/schema'
import type { CompiledPolicy } from './compile.ts'
import type { Purpose } from './document.ts'
import { agreementsFor } from './register/cover.ts'
import { consentsOn, coveringConsents } from './retransfer/consents.ts'
import { type Source, sourcesOf } from './retransfer/origins.ts'
import { type Consented, consentFor } from './supplier/cover.ts'
import { type Supply, supplyOf } from './supplier/supply.ts'

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
  /** Consents of originators that cover all of the above, sorted by digest. */
  readonly consents: readonly SealedConsent[]
  /** What all suppliers of a COMMERCIAL field have consented to; null: somebody has not. */
  readonly supplierConsent: Consented | null
}

/** The part of the facts that a record says of one field, beside its name. */
export interface FieldFacts {
  readonly label: Label | null
  readonly conflict: boolean
  /** What each originator says whom the field's own terms name, sorted. */
  readonly terms: readonly TermsOf[]
  /** In what it was received, and whether it is still the same; null: that is not known, or it was combined. */
  readonly received: Received | null
  /** Whose consent it needs; null: it is not COMMERCIAL, and asks nobody. Read of such fields alone: it costs a record that has none nothing. */
  readonly supply: Supply | null
}

export interface Received {
  readonly record: string
  readonly head: string
  readonly unchanged: boolean
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
  /** Whether the record may be passed on, where a field has no terms of its own. */
  readonly onward: TermsOf['onward_release']
  /** Only the originator may pass it on: of what came from another nation, that one is asked whatever the terms say. */
  readonly originatorControl: boolean
  /** The record and those it was derived from. Only consents are looked up by it: the memory of a decider does not keep it. */
  readonly sources: readonly Source[]
}

export interface TaggedItem {
  readonly regime: string
  readonly code: string | null
  readonly value: { readonly amount: string; readonly currency: string } | null
}

export function recordFactsOf(record: DataRecord): RecordFacts {
  const { kind, dataset, originator, envelope } = record
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
    derivedFrom: [...new Set((envelope.derivedFrom ?? []).map((each) => each.originator))].sort(),
    onward: envelope.handling.onward_release,
    originatorControl: envelope.handling.originator_control,
    sources: sourcesOf(record),
  }
}

export function fieldFactsOf(record: DataRecord, name: string): FieldFacts {
  const { fields } = record
  const field = Object.hasOwn(fields, name) ? fields[name] : undefined
  return {
    label: field?.label ?? null,
    conflict: field?.conflict === true,
    terms: field?.terms === undefined ? noTerms : termsIn(field.terms),
    received: receivedOf(field),
    supply: field?.label.caveats.includes('COMMERCIAL') ? supplyOf(record) : null,
  }
}
const noTerms: readonly TermsOf[] = []

function receivedOf(field: DataRecord['fields'][string] | undefined): Received | null {
  const received = field?.terms?.received
  if (field === undefined || received === undefined) return null
  const { record, head } = received
  return { record, head, unchanged: isAsReceived(field) }
}

export const factsOf = (question: Question, record: RecordFacts, policy: CompiledPolicy): Facts =>
  factsAt(
    question.atMs,
    question,
    record,
    fieldFactsOf(question.record, question.field),
    policy,
    consentsOn(policy, question.record),
  )

/** The facts as they are at some moment. @param consents those that name the record */
export function factsAt(
  atMs: number,
  { field, recipient, purpose, sender }: Omit<Question, 'atMs'>,
  record: RecordFacts,
  { label, conflict, terms, received, supply }: FieldFacts,
  policy: CompiledPolicy,
  consents: readonly SealedConsent[],
): Facts {
  const recipientGroups = policy.groups.of(recipient, atMs)
  const asked = {
    record,
    field,
    label,
    conflict,
    terms,
    received,
    supply,
    recipient,
    recipientGroups,
    purpose,
    sender,
    atMs,
    agreements: none,
    consents: noConsents,
    supplierConsent: null,
  }
  const { register } = policy
  if (register === null && consents.length === 0) return asked
  return {
    ...asked,
    ...(register !== null && {
      agreements: agreementsFor(asked, register),
      supplierConsent: consentFor(asked, supply, register),
    }),
    ...(consents.length > 0 && { consents: coveringConsents(asked, consents) }),
  }
}
const none: readonly string[] = []
const noConsents: readonly SealedConsent[] = []
