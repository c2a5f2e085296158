import {
  type ApprovalSubject,
  type Banner,
  type Classification,
  canonicalJson,
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
  ownOf,
  pseudonymOf,
  type Role,
  saltOf,
  sha256,
  widens,
} from '@entente/schema'
import type { z } from 'zod'
import {
  type Awaited,
  approvalsNeeded,
  approvalsOf,
  isRefused,
  type OfficerWord,
} from './approvals.ts'
import { bandValue } from './bands.ts'
import type { CompiledPolicy } from './compile.ts'
import { type Decision, levelOf } from './decide.ts'
import type { Decider, RecordQuestion } from './decider.ts'
import { type Form, identifies, type Level } from './levels.ts'
import type { Asked } from './memory.ts'
import { nameOrPlaceAt } from './names-and-places.ts'
import { consentsOn } from './retransfer/consents.ts'
import { handOn } from './retransfer/hand-on.ts'
import { holdSpills } from './spill/hold.ts'
import { decideStanding, type StandingBand, type StandingBands, stricter } from './standing-band.ts'

/** What one nation may have of one record, and why. Only `fragment` and `authority` ever leave the nation. */
export interface Composition {
  /** Null: nothing of the record goes. */
  readonly fragment: Fragment | null
  readonly digest: string | null
  /** Released fields, sorted. */
  readonly fields: readonly string[]
  /** Shareable ground of each field, in the order of `fields`. */
  readonly authority: readonly string[]
  readonly levels: Readonly<Record<string, Form>>
  /** Fields that only people of some roles at the recipient may read, and which; others have no limit. */
  readonly roles: Readonly<Record<string, readonly Role[]>>
  /** Of every field of the record, released or not. */
  readonly decisions: ReadonlyMap<string, Decision>
  /** Until when all that goes may go; null: for ever. */
  readonly validUntil: number | null
  /** Approvals that released fields rest on, by what they are about, sorted. */
  readonly approvals: Readonly<Record<string, readonly string[]>>
  /** Fields whose present value waits for officers, though an older one may go. Sorted. */
  readonly pending: readonly Pending[]
  /** Consents of its originator by which another nation's record is handed on, by digest, sorted; of an own record none. */
  readonly consents: readonly string[]
  /** Fields in bands that are made on a schedule, sent or not: what their band is of; null: the present value. */
  readonly bands: Readonly<Record<string, StandingBand | null>>
}

/** What officers have said on this record for this nation. */
export interface Said {
  /** In the order of the log. */
  readonly words: readonly OfficerWord[]
  /** What the nation holds rests on these (`Composition.approvals`), by field. */
  readonly standing: Readonly<Record<string, readonly string[]>>
}

/** One value that waits. */
export interface Pending extends Awaited {
  readonly because: readonly string[]
  /** As it would be sent; its digest is `subject.value`. */
  readonly disclosure: Disclosure
  readonly classification: Classification
  /** Who has approved it so far. */
  readonly words: readonly OfficerWord[]
  readonly refused: boolean
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
): (asked: Asked, said?: Said, standings?: StandingBands) => Composition {
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
  return (asked, said, standings) =>
    composeFragment({ ...asked, record }, forMany, { ...secrets, disclose }, said, standings)
}

/**
 * Builds the fragment of one record for one nation. The same input gives the same bytes on any machine.
 * Identity first: without an identity field that goes whole or under a pseudonym, nothing goes. Denied and redacted fields, those that
 * wait for approval, and values that no transform fits, are left out without a trace; so are empty ones, which look the same.
 * @param standings what bands that are made on a schedule are of, the same for every nation; absent: the present value
 */
export function composeFragment(
  question: RecordQuestion,
  decider: Decider,
  secrets: Secrets,
  said: Said = silence,
  standings: StandingBands = {},
): Composition {
  const { record } = question
  const { hash = sha256, disclose = discloseWith(secrets) } = secrets
  const decideField = decider.decideFields(question)
  const decisions = new Map<string, Decision>()
  const released: Released[] = []
  const pending: Pending[] = []
  const bands: Record<string, StandingBand | null> = {}
  for (const field of Object.keys(record.fields).sort()) {
    const ruled = holdSpills(decideField(field), record, field, decider.policy.document)
    const stood = decideStanding(question, field, ruled, decider, standings)
    if (stood !== null) bands[field] = (stood !== 'present' && ownOf(standings, field)) || null
    const { record: from, decision } =
      stood === null || stood === 'present' ? { record, decision: ruled } : stood
    decisions.set(field, decision)
    // What has been taken out of the record does not go in an older version either.
    if ((record.fields[field]?.value ?? null) === null) continue
    if (decision.effect === 'approve') {
      const answer = approvedOf({ question, from, field, decision, decider, secrets, said })
      if (answer.released !== null) released.push(answer.released)
      if (answer.pending !== null) pending.push(answer.pending)
      continue
    }
    const level = levelOf(decision)
    const value = valueAt(from, field, level, decider.policy, pseudonymFor(question, secrets))
    if (value === null || level === 'redact' || decision.authority === null) continue
    const { authority, roles, validUntil } = decision
    const ends = validUntil === null ? [] : [validUntil]
    released.push({ field, value, level, authority, roles, ends, from })
  }
  const identity = identityOf(record.kind)
  const isIdentity = (field: string, level: Level) => identifies(level) && identity.includes(field)
  if (record.received !== undefined)
    return handOnAsItCame(question, released, decider, hash, { decisions, pending })
  if (!released.some(({ field, level }) => isIdentity(field, level))) {
    // Where the identity waits itself, all of it waits; else no approval would let anything go.
    const waits = pending.some(({ subject }) => isIdentity(subject.field, subject.level))
    return { ...nothing, decisions, pending: waits ? pending : [], bands }
  }
  const made = released.map(({ field, value }) => disclose(field, value))
  const disclosures = made.map(({ disclosure }) => disclosure)
  const head = headOf(record, released, made.map(({ digest }) => digest).sort())
  const ends = released.flatMap((each) => each.ends)
  return {
    fragment: { head, disclosures },
    digest: digestFragment(head, hash),
    fields: released.map(({ field }) => field),
    authority: released.map(({ authority }) => authority),
    levels: Object.fromEntries(released.map(({ field, level }) => [field, level])),
    roles: Object.fromEntries(
      released.flatMap(({ field, roles }) => (roles === null ? [] : [[field, roles]])),
    ),
    decisions,
    validUntil: ends.reduce<number | null>((a, b) => (a === null ? b : Math.min(a, b)), null),
    approvals: Object.fromEntries(
      released.flatMap(({ field, words }) =>
        words === undefined ? [] : [[field, words.map(({ about }) => about).sort()]],
      ),
    ),
    consents: [],
    pending,
    bands,
  }
}

/** Another nation's record goes as it came or not at all: under its head, with what its originator consents to. */
function handOnAsItCame(
  { record, recipient, sender, atMs }: RecordQuestion,
  released: readonly Released[],
  { policy }: Decider,
  hash: Hash,
  rest: Pick<Composition, 'decisions' | 'pending'>,
): Composition {
  // An older value that was approved is not the one under this head.
  const isNow = ({ field, value }: Released) =>
    canonicalJson(value) === canonicalJson(record.fields[field]?.value ?? null)
  const whole = released.filter((each) => each.level === 'exact' && isNow(each))
  const names = whole.map(({ field }) => field)
  const to = { holder: sender, recipient, atMs }
  const made = handOn(record, names, consentsOn(policy, record), to, hash)
  const goes = (field: string) => made?.disclosures.some(([, name]) => name === field) === true
  const gone = { ...nothing, ...rest, bands: {} }
  if (made === null || !identityOf(record.kind).some(goes)) return gone
  const { head, disclosures, consents } = made
  const fields = whole.filter(({ field }) => goes(field))
  return {
    ...gone,
    fragment: { head, disclosures, consents: consents.map(({ seal }) => seal) },
    digest: digestFragment(head, hash),
    fields: fields.map(({ field }) => field),
    authority: fields.map(({ authority }) => authority),
    levels: Object.fromEntries(fields.map(({ field }) => [field, 'exact'])),
    roles: Object.fromEntries(
      fields.flatMap(({ field, roles }) => (roles === null ? [] : [[field, roles]])),
    ),
    validUntil: Math.min(made.until, ...fields.flatMap(({ ends }) => ends)),
    approvals: Object.fromEntries(
      fields.flatMap(({ field, words }) =>
        words === undefined ? [] : [[field, words.map(({ about }) => about).sort()]],
      ),
    ),
    consents: consents.map(({ digest }) => digest),
  }
}

const silence: Said = { words: [], standing: {} }

interface Released {
  readonly field: string
  readonly value: Json
  readonly level: Form
  readonly authority: string
  /** The version that its band is of. */
  readonly from: DataRecord
  readonly roles: readonly Role[] | null
  /** When it may no longer go. */
  readonly ends: readonly number[]
  /** Approvals it rests on, where it needs any. */
  readonly words?: readonly OfficerWord[]
}

const nothing = {
  fragment: null,
  digest: null,
  fields: [],
  authority: [],
  levels: {},
  roles: {},
  validUntil: null,
  approvals: {},
  consents: [],
  pending: [],
} as const

/** A field that an approve row holds, and all that its answer is made of. */
interface Held {
  readonly question: RecordQuestion
  /** The version whose value would go: an older one where its band stands. */
  readonly from: DataRecord
  readonly field: string
  readonly decision: Decision
  readonly decider: Decider
  readonly secrets: Secrets
  readonly said: Said
}

/**
 * A field that needs approval: its value as the other rows would let it go, if enough officers have approved exactly that; else the
 * value that the nation holds by approvals that are still good. The present value waits meanwhile.
 */
function approvedOf({ question, from, field, decision, decider, secrets, said }: Held): {
  readonly released: Released | null
  readonly pending: Pending | null
} {
  const { record, recipient, purpose, atMs } = question
  const { policy } = decider
  const { disclose = discloseWith(secrets) } = secrets
  const now = decider.decideApproved({ ...question, field })
  const after =
    from === record
      ? now
      : stricter(now, decider.decideApproved({ ...question, record: from, field }))
  const level = levelOf(after)
  const value = valueAt(from, field, level, policy, pseudonymFor(question, secrets))
  const label = from.fields[field]?.label
  const present = record.fields[field]
  if (value === null || level === 'redact' || after.authority === null)
    return { released: null, pending: null }
  if (label === undefined || present === undefined) return { released: null, pending: null }
  const subjectFor = (each: Json, under: Label): ApprovalSubject => ({
    record: record.id,
    field,
    value: disclose(field, each).digest,
    level,
    recipient,
    purpose,
    policy: policy.digest,
    label: under,
  })
  const { because } = decision
  const needed = approvalsNeeded(policy, label.classification)
  const release = (each: Json, words: readonly OfficerWord[], by: Decision): Released | null => {
    const { authority, roles, validUntil } = by
    if (authority === null || words.length < needed) return null
    const used = words.slice(0, needed)
    const untils = used.map(({ content }) => content.until)
    const ends = [decision.validUntil, validUntil, ...untils].filter((end) => end !== null)
    return { field, value: each, level, authority, roles, ends, from, words: used }
  }
  const subject = subjectFor(value, label)
  const words = approvalsOf({ subject, because }, said.words, atMs)
  const released = release(value, words, after)
  if (released !== null) return { released, pending: null }
  const pending: Pending = {
    subject,
    because,
    needed,
    disclosure: disclose(field, value).disclosure,
    classification: label.classification,
    words,
    refused: isRefused(subject, said.words),
  }
  const abouts = ownOf(said.standing, field) ?? []
  const before = said.words.find(({ about }) => abouts.includes(about))
  // Its own label was decided on then, the present one now: only where that is as strict may the older value go by it.
  if (before === undefined || widens(before.content.label, label))
    return { released: null, pending }
  // In whose confidence it was is not known any more: the supplier whom the record names now may be another one.
  if ([label, present.label].some(({ caveats }) => caveats.includes('COMMERCIAL')))
    return { released: null, pending }
  // What lets a value go may be about that value: that it goes home, or that it is what a consent is for. The older one is asked by itself.
  const older = {
    ...record,
    fields: { ...record.fields, [field]: { ...present, value: before.value } },
  }
  const then = stricter(after, decider.decideApproved({ ...question, record: older, field }))
  if (levelOf(then) !== level) return { released: null, pending }
  // What went before was asked for by other reasons, perhaps: it stays until a gate or row denies it.
  const standing = { subject: subjectFor(before.value, before.content.label), because: null }
  const good = approvalsOf(standing, said.words, atMs)
  return { released: release(before.value, good, then), pending }
}

const pseudonymFor =
  ({ recipient }: RecordQuestion, { recordKey, hash }: Secrets) =>
  (field: string): string =>
    pseudonymOf(recordKey, recipient, field, hash)

/**
 * The value as it would be sent at a level; null: it is empty, or the level does not fit it.
 * @param pseudonym makes the one of a field: needed where a value goes out, not to ask whether one fits
 */
export function valueAt(
  record: DataRecord,
  field: string,
  level: Level,
  policy: CompiledPolicy,
  pseudonym?: (field: string) => string,
): Json | null {
  const value = record.fields[field]?.value ?? null
  if (level === 'redact' || value === null) return value
  if (level !== 'fine' && level !== 'coarse')
    return nameOrPlaceAt(record.kind, field, value, level, pseudonym)
  const definitions = fieldsOf(record.kind)
  const type = Object.hasOwn(definitions, field) ? definitions[field]?.bandType : undefined
  return type === undefined ? null : bandValue(value, type, level, policy.bands)
}

function headOf(
  { id, kind, originator, envelope, fields }: DataRecord,
  released: readonly Released[],
  sd: readonly string[],
): FragmentHead {
  const labels = released.flatMap(({ field, from }) =>
    [fields[field]?.label, from.fields[field]?.label].flatMap((label) => label ?? []),
  )
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

/**
 * The join of the labels of what goes, but for its release list; what stays leaves no trace in it.
 * @see CAPCO roll-up, `labels/capco-roll-up.ts`: the same for what both can say
 */
function bannerOf(labels: readonly Label[]): z.infer<typeof Banner> {
  const { releasableTo: _, ...banner } = labels.reduce(joinLabels)
  return banner
}
