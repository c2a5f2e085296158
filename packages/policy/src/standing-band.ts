import {
  type BandType,
  canonicalJson,
  type DataRecord,
  fieldsOf,
  type Json,
  joinLimits,
} from '@entente/schema'
import { unitFieldOf } from './aggregate/quantity.ts'
import { type BandTable, bandValue, edgesAround, type Quantities, quantitiesOf } from './bands.ts'
import type { CompiledPolicy } from './compile.ts'
import { type Decision, levelOf, NO_ROLE } from './decide.ts'
import type { Decider, RecordQuestion } from './decider.ts'
import { addDecimals, compareDecimals, negative, percentOf } from './decimal.ts'
import { joinLevels, transformTo } from './levels.ts'
import { type CompiledReband, nextMoment } from './reband.ts'
import { holdSpills } from './spill/hold.ts'

/**
 * The version of a record that bands of a field are made from, at every level and for every nation, whatever the record says now: one for all, so
 * that bands of any two nations are equal or nested.
 */
export interface StandingBand {
  readonly record: DataRecord
  /** Since when it stands, ms. */
  readonly atMs: number
}

/** By field; of other fields the present version counts. */
export type StandingBands = Readonly<Record<string, StandingBand>>

/** What is known of a value that stands: whether the present one has left its band, and whether it may take its place. */
export interface Watch {
  /** When the present value was first seen outside; null: it is inside, or within the margin. */
  readonly leftMs: number | null
  /** The value, as canonical JSON, that a scheduled moment has found outside: it may take the place; null: none may. */
  readonly openFor: string | null
}

export interface Look {
  /** The value that stands. */
  readonly standing: Json
  readonly present: Json
  /** Of either, where the kind keeps it in a field of its own; absent: it does not. */
  readonly units?: Units
  readonly atMs: number
  readonly type: BandType
  readonly policy: Pick<CompiledPolicy, 'bands' | 'reband'>
  /** Changes go by themselves: then a value that was edited after the scheduled moment waits for the next one, or its edge would tell. */
  readonly live: boolean
}

/** Unit of the number that stands, and of the present one; null: it is in the value itself, or not known. */
export interface Units {
  readonly standing: Json
  readonly present: Json
}

export const unitsOf = (standing: DataRecord, present: DataRecord, field: string): Units => ({
  standing: unitBeside(standing, field),
  present: unitBeside(present, field),
})

function unitBeside({ kind, fields }: DataRecord, field: string): Json {
  const definitions = fieldsOf(kind)
  const type = Object.hasOwn(definitions, field) ? definitions[field]?.bandType : undefined
  const name = unitFieldOf(kind, type)
  return name === undefined ? null : (fields[name]?.value ?? null)
}

const isOtherUnit = ({ standing, present }: Units): boolean =>
  canonicalJson(standing) !== canonicalJson(present)

/** What may take the place of a value that stands: the same number in another unit is another value. */
const textOf = ({ present, units }: Pick<Look, 'present' | 'units'>): string =>
  canonicalJson((units?.present ?? null) === null ? present : [present, units?.present ?? null])

/** The field's band type, where the policy makes its bands on a schedule; null: they are of the present value. */
export function rebandTypeOf(
  { kind }: Pick<DataRecord, 'kind'>,
  field: string,
  { reband }: Pick<CompiledPolicy, 'reband'>,
): BandType | null {
  if (reband.size === 0) return null
  const definitions = fieldsOf(kind)
  const type = Object.hasOwn(definitions, field) ? definitions[field]?.bandType : undefined
  return type !== undefined && reband.has(type) ? type : null
}

/**
 * Looks at a value that stands beside the present one. Nothing changes between two scheduled moments; at one, a value that has left its
 * fine band by more than the margin may take the place of the one that stands.
 */
export function lookAgain(watch: Watch, look: Look): Watch {
  const { atMs, live } = look
  const rule = look.policy.reband.get(look.type)
  if (rule === undefined || !hasLeft(look, rule)) return { leftMs: null, openFor: null }
  const leftMs = watch.leftMs ?? atMs
  if (nextMoment(rule.every, leftMs) > atMs) return { leftMs, openFor: null }
  const text = textOf(look)
  const isEdited = watch.openFor !== null && watch.openFor !== text
  return isEdited && live ? { leftMs: atMs, openFor: null } : { leftMs, openFor: text }
}

/** Whether the present value may take the place of the one that stands: not by a clock that was set back since. */
export function isOpenFor(
  { leftMs, openFor }: Watch,
  look: Pick<Look, 'present' | 'units' | 'atMs' | 'type' | 'policy'>,
): boolean {
  const { atMs, type, policy } = look
  const rule = policy.reband.get(type)
  if (rule === undefined || leftMs === null || openFor === null) return false
  return nextMoment(rule.every, leftMs) <= atMs && openFor === textOf(look)
}

/** When a value that stands must be looked at again; null: not before somebody changes the record. */
export const dueOf = (
  { leftMs, openFor }: Watch,
  type: BandType,
  { reband }: Pick<CompiledPolicy, 'reband'>,
): number | null => {
  const rule = reband.get(type)
  if (rule === undefined || leftMs === null || openFor !== null) return null
  return nextMoment(rule.every, leftMs)
}

/** A value of another unit, currency or members has left whatever its number is; one that no band fits as well. */
export function hasLeft(
  {
    standing,
    present,
    units,
    type,
    policy,
  }: Pick<Look, 'standing' | 'present' | 'units' | 'type' | 'policy'>,
  { margin }: CompiledReband,
): boolean {
  const edges = policy.bands.get(type)?.get('fine')
  const [before, now] = [quantitiesOf(standing, type), quantitiesOf(present, type)]
  if (edges === undefined || before === null || now === null) return before !== now
  if (!isAlike(before, now) || (units !== undefined && isOtherUnit(units))) return true
  for (const [name, number] of now.quantities) {
    const stood = before.quantities.get(name)
    if (stood === undefined) return true
    const around = edgesAround(stood, edges)
    if (around === null) {
      // What stands is below the lowest edge, and shows nothing.
      if (edgesAround(number, edges) !== null) return true
      continue
    }
    const { from, to } = around
    const least = addDecimals(from.value, negative(percentOf(margin, from.value)))
    if (compareDecimals(number, least) < 0) return true
    if (to === undefined) continue
    const most = addDecimals(to.value, percentOf(margin, to.value))
    if (compareDecimals(number, most) >= 0) return true
  }
  return false
}

const isAlike = (a: Quantities, b: Quantities): boolean =>
  a.quantities.size === b.quantities.size &&
  canonicalJson(Object.fromEntries(a.kept)) === canonicalJson(Object.fromEntries(b.kept))

/** Whether any band fits a value: one that none fits shows nothing, and stands at once when its moment has come. */
export const fitsBand = (
  value: Json,
  type: BandType,
  bands: ReadonlyMap<BandType, BandTable>,
): boolean => bandValue(value, type, 'fine', bands) !== null

/** Why a field does not go though the present value might. */
export const STANDS = 'the band that stands is of a value that may not go'
/** Why it goes to nobody though it might: the unit beside it is the present one. */
export const OTHER_UNIT = 'the band that stands is in another unit than the present value'

/** A field that goes in bands of a value that stands. */
export interface Stood {
  /** Of the older version and the present one together: what either denies does not go. */
  readonly decision: Decision
  readonly record: DataRecord
}

/**
 * Decides a field in bands whose value stands: the older value goes only where its own label, date and record let it go, and the
 * present ones as well; the stricter answer counts. Beside a unit of today, a band in another would be false: it goes to nobody.
 * @returns null where nothing stands, or the field goes exact, or not at all
 */
export function decideStanding(
  question: RecordQuestion,
  field: string,
  decision: Decision,
  decider: Decider,
  standings: StandingBands,
): Stood | 'present' | null {
  const { policy } = decider
  if (rebandTypeOf(question.record, field, policy) === null) return null
  const level = levelOf(
    decision.effect === 'approve' ? decider.decideApproved({ ...question, field }) : decision,
  )
  if (level !== 'fine' && level !== 'coarse') return null
  const standing = Object.hasOwn(standings, field) ? standings[field] : undefined
  if (standing === undefined) return 'present'
  const { record } = standing
  if (isOtherUnit(unitsOf(record, question.record, field)))
    return { record, decision: withheld(decision, OTHER_UNIT) }
  const { record: _, ...asked } = question
  const own = decider.openRecord(record)(asked)(field)
  return { record, decision: stricter(decision, holdSpills(own, record, field, policy.document)) }
}

const withheld = (decision: Decision, why: string): Decision => ({
  ...decision,
  effect: 'deny',
  because: [why],
  transform: null,
  authority: null,
  roles: null,
})

/** What both let go, to the roles that both let read; `own` is of an older version. */
export function stricter(now: Decision, own: Decision): Decision {
  const ends = [now.validUntil, own.validUntil].filter((end) => end !== null)
  const validUntil = ends.length === 0 ? null : Math.min(...ends)
  const both = { ...now, validUntil }
  const held = { ...both, transform: null, authority: null, roles: null }
  if (own.effect === 'approve' || (now.effect === 'approve' && own.effect !== 'deny')) {
    const because = [now, own].flatMap((each) => (each.effect === 'approve' ? each.because : []))
    return { ...held, effect: 'approve', because: [...new Set(because)].sort() }
  }
  const mine = levelOf(now)
  if (mine === 'redact') return both
  const joined = joinLevels(mine, levelOf(own))
  if (joined === 'redact') return withheld(both, STANDS)
  const roles = joinLimits(now.roles, own.roles)
  if (roles?.length === 0) return { ...held, effect: 'deny', because: [NO_ROLE, STANDS] }
  if (joined === mine || joined === 'exact') return { ...both, roles }
  return { ...both, roles, effect: 'transform', transform: transformTo(joined) }
}
