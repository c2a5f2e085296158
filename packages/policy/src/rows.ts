import { type Classification, caveats, rankOf } from '@entente/schema'
import { parseIsoDate } from './dates.ts'
import type { Attribute, Match, Row } from './document.ts'
import type { Facts } from './question.ts'
import { foreignOrigins } from './retransfer/origins.ts'

/** True, false, or null: the record does not say. */
type Truth = boolean | null

/** One condition of a row. */
export interface Condition {
  readonly attribute: Attribute
  readonly operator: string
  readonly wanted: string | readonly string[]
  /** Added because the row does not speak of the attribute, and what it does not mention it does not release. */
  readonly implied: boolean
  readonly holds: (facts: Facts) => Truth
  /** The same of the attribute's value alone; null where the record does not say. */
  readonly holdsOf: (value: Value | null) => Truth
}

export interface CompiledRow {
  readonly row: Row
  readonly conditions: readonly Condition[]
}

/**
 * How a row bears on a question. `coarsens`: a transform row, or a permit row for some roles alone, that releases nothing here, but limits
 * what others release.
 */
export type Bearing = 'matches' | 'coarsens' | null

/**
 * Conjunction in three-valued logic, failing closed. A row without conditions releases nothing. A missing attribute: rows that release do not
 * match, rows that hold back do. A transform row does both: it releases only where all of it holds, and coarsens wherever its conditions
 * other than on the label are not false, so that a stricter label never turns a band back into the exact value. So does a permit row
 * that names roles: a stricter label never lets more roles read.
 */
export function bearingOf({ row, conditions }: CompiledRow, facts: Facts): Bearing {
  let all = conditions.length > 0
  for (const { attribute, implied, holds } of conditions) {
    const truth = holds(facts)
    if (truth === true) continue
    all = false
    if (row.effect === 'permit' && row.roles === undefined) return null
    if (truth === null) continue
    if (!limits(row) || !(implied || labelAttributes.has(attribute))) return null
  }
  if (all || row.effect === 'deny' || row.effect === 'approve') return 'matches'
  return limits(row) ? 'coarsens' : null
}

/** Whether it says less than all to all. */
const limits = (row: Row) =>
  row.effect === 'transform' || (row.effect === 'permit' && row.roles !== undefined)

/** What a label says, and what follows from it: an agreement has a ceiling. */
const labelAttributes: ReadonlySet<Attribute> = new Set([
  'agreements',
  'classification',
  'caveats',
  'releasableTo',
])

/** Compiles one row to closures. Rows that release are silent on purposes but `use`, and on COMMERCIAL, unless they name them. */
export function compileRow(row: Row): CompiledRow {
  const conditions = conditionsOf(row.match)
  const releases = row.effect === 'permit' || row.effect === 'transform'
  // The implied conditions never make an empty selector look like a full one.
  if (releases && conditions.length > 0)
    conditions.push(
      ...conditionsOf({
        ...(row.match.purpose === undefined && { purpose: { in: ['use'] } }),
        ...(row.match.caveats === undefined && { caveats: { subsetOf: openCaveats } }),
      }).map((condition) => ({ ...condition, implied: true })),
    )
  return { row, conditions }
}

const openCaveats = caveats.filter((caveat) => caveat !== 'COMMERCIAL')

function conditionsOf(match: Match): Condition[] {
  return (Object.keys(match) as Attribute[]).sort().flatMap((attribute) =>
    Object.entries(match[attribute] ?? {}).map(([operator, wanted]: [string, Wanted]) => {
      const read = readers[attribute]
      const holdsOf = test(attribute, operator, wanted)
      return {
        attribute,
        operator,
        wanted,
        implied: false,
        holds: (facts: Facts) => holdsOf(read(facts)),
        holdsOf,
      }
    }),
  )
}

type Wanted = string | readonly string[]

function test(attribute: Attribute, operator: string, wanted: Wanted): Condition['holdsOf'] {
  const list: readonly string[] = typeof wanted === 'string' ? [] : wanted
  const set = new Set(list)
  const bound = typeof wanted === 'string' ? boundOf(attribute, wanted) : null
  const compare = operators[operator]
  // An operator or bound that this engine does not know is a condition that nobody can decide.
  if (compare === undefined) return () => null
  return (value) => (value === null ? null : compare(value, set, bound))
}

const boundOf = (attribute: Attribute, text: string) =>
  attribute === 'at' ? parseIsoDate(text) : known(rankOf(text as Classification))

type Value = string | number | readonly string[]

const operators: Readonly<
  Record<string, (value: Value, set: ReadonlySet<string>, bound: number | null) => Truth>
> = {
  // An empty list is no selector.
  in: (value, set) => (typeof value === 'string' && set.size > 0 ? set.has(value) : null),
  notIn: (value, set) => (typeof value === 'string' && set.size > 0 ? !set.has(value) : null),
  subsetOf: (value, set) => (Array.isArray(value) ? value.every((x) => set.has(x)) : null),
  intersects: (value, set) =>
    Array.isArray(value) && set.size > 0 ? value.some((x) => set.has(x)) : null,
  atMost: (value, _, bound) =>
    typeof value === 'number' && bound !== null ? value <= bound : null,
  atLeast: (value, _, bound) =>
    typeof value === 'number' && bound !== null ? value >= bound : null,
  from: (value, _, bound) => (typeof value === 'number' && bound !== null ? value >= bound : null),
  until: (value, _, bound) => (typeof value === 'number' && bound !== null ? value < bound : null),
}

const known = (rank: number) => (rank < 0 ? null : rank)

/** Value of each attribute; null when the record does not say. */
export const readers: Readonly<Record<Attribute, (facts: Facts) => Value | null>> = {
  kind: ({ record }) => record.kind,
  field: ({ field }) => field,
  dataset: ({ record }) => record.dataset,
  originator: ({ record }) => record.originator,
  confidence: ({ record }) => record.confidence,
  recipient: ({ recipient }) => recipient,
  recipientGroups: ({ recipientGroups }) => recipientGroups,
  purpose: ({ purpose }) => purpose,
  classification: ({ label }) => (label === null ? null : known(rankOf(label.classification))),
  caveats: ({ label }) => label?.caveats ?? null,
  releasableTo: ({ label }) => label?.releasableTo ?? null,
  regimes: ({ record }) => record.regimes,
  origins: (facts) => foreignOrigins(facts, facts.sender),
  agreements: ({ agreements }) => agreements,
  at: ({ atMs }) => atMs,
}
