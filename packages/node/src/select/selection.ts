import type { Json } from '@entente/schema'
import { type Relation, stands, textsOf } from './compare-value.ts'

/** What every record says of itself, beside its fields. A field of the same name is asked for as `field:NAME`. */
export const recordFacts = [
  'id',
  'kind',
  'dataset',
  'originator',
  'title',
  'status',
  'asOf',
  'reviewBy',
] as const
export type RecordFact = (typeof recordFacts)[number]

/** Where a condition looks: a fact of the record, or a field and the members on the way into its value. */
export type Place =
  | { readonly fact: RecordFact }
  | { readonly field: string; readonly members: readonly string[] }

/** One condition. `~`: contains, letter case aside. */
export type Condition =
  | { readonly place: Place; readonly asks: 'given' | 'not given' }
  | { readonly place: Place; readonly asks: Relation | '~'; readonly value: string }

/** Conditions that must all hold; none holds for every record. */
export type Selection = readonly Condition[]

/** What conditions read of a record. */
export interface SelectableRow extends Readonly<Record<Exclude<RecordFact, 'reviewBy'>, string>> {
  readonly reviewBy?: string | null | undefined
  readonly fields: Readonly<Record<string, { readonly value: Json }>>
}

/**
 * Whether every condition holds. Of a list one member is enough, but for `!=`, which no member may equal. What is not
 * given is neither equal nor unequal to anything.
 */
export function matches(selection: Selection, row: SelectableRow): boolean {
  return selection.every((condition) => holds(condition, valuesAt(condition.place, row)))
}

function holds(condition: Condition, values: readonly Json[]): boolean {
  if (!('value' in condition)) return values.length > 0 === (condition.asks === 'given')
  const { asks, value } = condition
  if (asks === '~') {
    const part = fold(value)
    return values.flatMap(textsOf).some((text) => fold(text).includes(part))
  }
  if (asks === '!=') return values.length > 0 && values.every((each) => stands(each, '!=', value))
  return values.some((each) => stands(each, asks, value))
}

/** Values at a place; the members of a list, one by one. */
function valuesAt(place: Place, row: SelectableRow): readonly Json[] {
  if ('fact' in place) return spread(row[place.fact] ?? null)
  const value = Object.hasOwn(row.fields, place.field) ? row.fields[place.field]?.value : undefined
  return place.members.reduce(
    (values: readonly Json[], name) => values.flatMap((each) => spread(memberOf(each, name))),
    spread(value ?? null),
  )
}

function memberOf(value: Json, name: string): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null
  const members = value as { readonly [name: string]: Json }
  return Object.hasOwn(members, name) ? (members[name] ?? null) : null
}

function spread(value: Json): readonly Json[] {
  if (value === null) return []
  return Array.isArray(value) ? (value as readonly Json[]).flatMap(spread) : [value]
}

const fold = (text: string): string => text.normalize('NFC').toLowerCase()
