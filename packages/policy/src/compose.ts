import {
  type Banner,
  type Caveat,
  type Classification,
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
  rankOf,
  saltOf,
  sha256,
} from '@entente/schema'
import type { z } from 'zod'
import { bandValue } from './bands.ts'
import type { CompiledPolicy } from './compile.ts'
import { type Decision, levelOf } from './decide.ts'
import type { Decider, RecordQuestion } from './decider.ts'
import type { Asked } from './memory.ts'
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
  /** Salts and digests of this record that are worked out already (`openComposer`). */
  readonly disclose?: Disclose
}

/** A value with its salt, and the digest of both. */
type Disclose = (
  field: string,
  value: Json,
) => { readonly disclosure: Disclosure; readonly digest: string }

const discloseWith =
  ({ recordKey, hash = sha256 }: Secrets): Disclose =>
  (field, value) => {
    const disclosure: Disclosure = [saltOf(recordKey, field, value, hash), field, value]
    return { disclosure, digest: digestDisclosure(disclosure, hash) }
  }

/**
 * Composes one record for many nations, as `composeFragment` does for one: what the record says, its salts and its digests
 * are worked out once. The record must not change meanwhile.
 */
export function openComposer(
  record: DataRecord,
  decider: Decider,
  secrets: Secrets,
): (asked: Asked) => Composition {
  const ask = decider.openRecord(record)
  const known = new Map<string, ReturnType<Disclose>>()
  const make = discloseWith(secrets)
  const disclose: Disclose = (field, value) => {
    const key = JSON.stringify([field, value])
    const made = known.get(key) ?? make(field, value)
    known.set(key, made)
    return made
  }
  const forMany: Decider = { ...decider, decideFields: ({ record: _, ...asked }) => ask(asked) }
  return (asked) => composeFragment({ ...asked, record }, forMany, { ...secrets, disclose })
}

/**
 * Builds the fragment of one record for one nation. The same input gives the same bytes on any machine.
 * Identity first: without an identity field that goes whole, nothing goes. Held (`approve`), denied and redacted fields, and
 * values that no band fits, are left out without a trace; so are empty ones, which look the same.
 */
export function composeFragment(
  question: RecordQuestion,
  decider: Decider,
  secrets: Secrets,
): Composition {
  const { record } = question
  const { hash = sha256, disclose = discloseWith(secrets) } = secrets
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
  const made = released.map(({ field, value }) => disclose(field, value))
  const disclosures = made.map(({ disclosure }) => disclosure)
  const head = headOf(record, released, made.map(({ digest }) => digest).sort())
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
  sd: readonly string[],
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
    sd,
  }
}

/** Highest level and all caveats of what goes; what stays leaves no trace in it. */
function bannerOf(
  labels: readonly { classification: Classification; caveats: readonly Caveat[] }[],
): z.infer<typeof Banner> {
  let classification: Classification = 'UNCLASSIFIED'
  const caveats = new Set<Caveat>()
  for (const label of labels) {
    if (rankOf(label.classification) > rankOf(classification)) classification = label.classification
    for (const caveat of label.caveats) caveats.add(caveat)
  }
  return { classification, caveats: [...caveats].sort() }
}
