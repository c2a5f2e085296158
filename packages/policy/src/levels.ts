import { fieldsOf, identityOf, type Kind } from '@entente/schema'
import { z } from 'zod'
import type { Row, Transform } from './document.ts'

/**
 * How much of a value goes: whole; in narrow bands, in wide bands; the nation of a place alone; a pseudonym for a name; not at all. The order
 * is that of lists for people: what says less than what is `isCoarser`.
 */
export const levels = ['exact', 'fine', 'coarse', 'country', 'pseudonym', 'redact'] as const
export type Level = (typeof levels)[number]
/** A level at which something goes. */
export type Form = Exclude<Level, 'redact'>

/** What says strictly less than each level: quantities, places and names have an order each, with the same two ends. */
const coarser: Readonly<Record<Level, readonly Level[]>> = {
  exact: ['fine', 'coarse', 'country', 'pseudonym', 'redact'],
  fine: ['coarse', 'redact'],
  coarse: ['redact'],
  country: ['redact'],
  pseudonym: ['redact'],
  redact: [],
}

/** Whether `a` says strictly less than `b`, and nothing that `b` does not say. */
export const isCoarser = (a: Level, b: Level): boolean => coarser[b].includes(a)

/** The most that is no finer than either. Nothing is both a band and a nation, or a pseudonym: two sorts together are redacted. */
export function joinLevels(a: Level, b: Level): Level {
  if (a === b || isCoarser(a, b)) return a
  return isCoarser(b, a) ? b : 'redact'
}

/** The level that a transform asks for. */
export const levelOfTransform = (transform: Transform): Level =>
  transform.kind === 'band' ? transform.level : transform.kind

/** The transform that asks for a level. */
export function transformTo(level: Exclude<Level, 'exact'>): Transform {
  switch (level) {
    case 'fine':
    case 'coarse':
      return { kind: 'band', level }
    default:
      return { kind: level }
  }
}

/** Levels that show the whole text of a value, or parts of it. */
export const showsText = (level: Level): boolean =>
  level === 'exact' || level === 'fine' || level === 'coarse'

/** Levels at which an identity field says which record it is: by its name, or by a pseudonym that stays. */
export const identifies = (level: Level | 'nothing'): boolean =>
  level === 'exact' || level === 'pseudonym'

/** Whether a field is a place, which can go as its nation alone. */
export const isPlace = (kind: Kind, field: string): boolean =>
  definitionOf(kind, field)?.isPlace === true

/** Whether a field is a name, in place of which a pseudonym can go: a text that the record is recognised by. */
export const isName = (kind: Kind, field: string): boolean =>
  identityOf(kind).includes(field) && definitionOf(kind, field)?.schema instanceof z.ZodString

/** For each field, what the transforms of these rows tell apart: a place where a row asks for countries, a name where one asks for pseudonyms. */
export function openSorts(rules: readonly Row[]): (kind: Kind, field: string) => string {
  const asked = new Set(
    rules.flatMap((row) => (row.effect === 'transform' ? row.transform.kind : [])),
  )
  return (kind, field) => {
    if (asked.has('country') && isPlace(kind, field)) return 'place'
    return asked.has('pseudonym') && isName(kind, field) ? 'name' : ''
  }
}

function definitionOf(kind: Kind, field: string) {
  const definitions = fieldsOf(kind)
  return Object.hasOwn(definitions, field) ? definitions[field] : undefined
}

/**
 * Whether what is held at a level must be taken away before it is put at another, so that nobody who misses the put keeps what may no
 * longer be held: all but the same level and a finer one. A name and its pseudonym never follow each other in one breath.
 * @param before as noted when it was put; a level that is not known counts as one that must go
 * @param now undefined: the field does not go any more
 */
export function mustDrop(before: string, now: Form | undefined): boolean {
  if (now === undefined) return true
  if (before === now) return false
  const held = levels.find((level) => level === before)
  if (held === undefined || held === 'pseudonym' || now === 'pseudonym') return true
  return !isCoarser(held, now)
}

/**
 * Whether the whole fragment must be dropped, not fields of it: a name becomes a pseudonym or the other way round, and without
 * either nothing of a record may be held.
 */
export const mustDropAll = (
  before: Readonly<Record<string, string>>,
  now: Readonly<Record<string, Form>>,
): boolean =>
  Object.entries(before).some(([field, level]) => {
    const after = Object.hasOwn(now, field) ? now[field] : undefined
    return (
      after !== undefined && after !== level && (after === 'pseudonym' || level === 'pseudonym')
    )
  })
