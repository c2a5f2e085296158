import {
  type Banner,
  type DataRecord,
  type Disclosure,
  digestDisclosure,
  digestFragment,
  type Fragment,
  type FragmentHead,
  fieldsOf,
  type Hash,
  identityOf,
  type Json,
  joinLabels,
  type Label,
  saltOf,
  sha256,
} from '@entente/schema'
import type { z } from 'zod'
import { bandValue } from './bands.ts'
import type { CompiledPolicy } from './compile.ts'
import { type Decision, levelOf } from './decide.ts'
import type { Decider, RecordQuestion } from './decider.ts'
import type { Level } from './question.ts'

/** What one nation may have of one record, and why. Only `fragment` and `authority` ever leave the nation. */
export interface Composition {
  /** Null: nothing of the record goes. */
  readonly fragment: Fragment | null
  readonly digest: string | null
  /** Released fields, sorted. */
  readonly fields: readonly string[]
  /** Shareable ground of each field, in the order of `fields`. */
  readonly authority: readonly string[]
  readonly levels: Readonly<Record<string, Exclude<Level, 'redact'>>>
  /** Of every field of the record, released or not. */
  readonly decisions: ReadonlyMap<string, Decision>
  /** Until when all that goes may go; null: for ever. */
  readonly validUntil: number | null
}

/** What must not be guessed, and how to hash. @see recordKeyOf */
export interface Secrets {
  readonly recordKey: Uint8Array
  readonly hash?: Hash
}

/**
 * Builds the fragment of one record for one nation. The same input gives the same bytes on any machine.
 * Identity first: without an identity field that goes whole, nothing goes. Held (`approve`), denied and redacted fields, and
 * values that no band fits, are left out without a trace; so are empty ones, which look the same.
 */
export function composeFragment(
  question: RecordQuestion,
  decider: Decider,
  { recordKey, hash = sha256 }: Secrets,
): Composition {
  const { record } = question
  const decideField = decider.decideFields(question)
  const decisions = new Map<string, Decision>()
  const released: Released[] = []
  for (const field of Object.keys(record.fields).sort()) {
    const decision = decideField(field)
    decisions.set(field, decision)
    const level = levelOf(decision)
    const value = valueAt(record, field, level, decider.policy)
    if (value === null || level === 'redact' || decision.authority === null) continue
    released.push({ field, value, level, decision, authority: decision.authority })
  }
  const identity = identityOf(record.kind)
  if (!released.some(({ field, level }) => level === 'exact' && identity.includes(field)))
    return { ...nothing, decisions }
  const disclosures = released.map(
    ({ field, value }): Disclosure => [saltOf(recordKey, field, value, hash), field, value],
  )
  const head = headOf(record, released, disclosures, hash)
  const ends = released.flatMap(({ decision }) => decision.validUntil ?? [])
  return {
    fragment: { head, disclosures },
    digest: digestFragment(head, hash),
    fields: released.map(({ field }) => field),
    authority: released.map(({ authority }) => authority),
    levels: Object.fromEntries(released.map(({ field, level }) => [field, level])),
    decisions,
    validUntil: ends.reduce<number | null>((a, b) => (a === null ? b : Math.min(a, b)), null),
  }
}

interface Released {
  readonly field: string
  readonly value: Json
  readonly level: Exclude<Level, 'redact'>
  readonly decision: Decision
  readonly authority: string
}

const nothing = {
  fragment: null,
  digest: null,
  fields: [],
  authority: [],
  levels: {},
  validUntil: null,
} as const

/** The value as it would be sent at a level; null: it is empty, or no band fits it. */
export function valueAt(
  record: DataRecord,
  field: string,
  level: Level,
  policy: CompiledPolicy,
): Json | null {
  const value = record.fields[field]?.value ?? null
  if (level === 'exact' || level === 'redact' || value === null) return value
  const definitions = fieldsOf(record.kind)
  const type = Object.hasOwn(definitions, field) ? definitions[field]?.bandType : undefined
  return type === undefined ? null : bandValue(value, type, level, policy.bands)
}

function headOf(
  { id, kind, originator, envelope, fields }: DataRecord,
  released: readonly Released[],
  disclosures: readonly Disclosure[],
  hash: Hash,
): FragmentHead {
  const labels = released.flatMap(({ field }) => fields[field]?.label ?? [])
  return {
    id,
    kind,
    originator,
    asOf: envelope.asOf,
    ...(envelope.validFrom !== undefined && { validFrom: envelope.validFrom }),
    ...(envelope.validTo !== undefined && { validTo: envelope.validTo }),
    status: envelope.status,
    handling: envelope.handling,
    banner: bannerOf(labels),
    sd: disclosures.map((disclosure) => digestDisclosure(disclosure, hash)).sort(),
  }
}

/**
 * The join of the labels of what goes, but for its release list; what stays leaves no trace in it.
 * @see CAPCO roll-up, `labels/capco-roll-up.ts`: the same for what both can say
 */
function bannerOf(labels: readonly Label[]): z.infer<typeof Banner> {
  const { releasableTo: _, ...banner } = labels.reduce(joinLabels)
  return banner
}
