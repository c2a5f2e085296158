import {
  type BandType,
  type DataRecord,
  fieldsOf,
  type Json,
  type Label,
  type Terms,
} from '@entente/schema'
import { type BandTable, bandValue } from '../bands.ts'
import { compareDecimals, type Decimal } from '../decimal.ts'
import {
  type CellContent,
  type Contributor,
  cellOf,
  fieldsUsed,
  isCounted,
  readCell,
} from './contributors.ts'
import type { AggregateDefinition } from './definition.ts'
import { changedSince, type Mark, newContributors, type Published } from './novelty.ts'
import { addDecimals, formatDecimal, isMoreThan } from './quantity.ts'
import { boundOf, labelOf } from './terms.ts'

/** What to do with one cell now, and why, in words. */
export type CellPlan = CellFacts &
  (
    | { readonly outcome: 'publish'; readonly publication: Publication }
    /** What stands stays as it is. */
    | { readonly outcome: 'keep' }
    /** Nothing is published; what stands is withdrawn. */
    | { readonly outcome: 'suppress' }
  )

interface CellFacts {
  readonly cell: string
  readonly because: string
  readonly contributors: number
  readonly records: number
  /** Records of the cell that do not count: not active, not valid on the day, silent on what is measured, or edited apart. */
  readonly left: number
}

/** A derived record to be made. Only `title`, `value`, `asOf` and the label's banner can ever leave the nation. */
export interface Publication {
  readonly title: string
  /** Of the field `aggregate`. */
  readonly value: Json
  readonly label: Label
  readonly terms: Terms | undefined
  /** First day of the year of the oldest contributing record: no later member of a group gets more by it, and it is nobody's own date. */
  readonly asOf: string
  /** All that it was made of; stays at home. */
  readonly from: readonly DataRecord[]
  readonly marks: readonly Mark[]
}

export interface AggregateRequest {
  readonly definition: AggregateDefinition
  readonly bands: ReadonlyMap<BandType, BandTable>
  /** The nation's own records; others than those of the definition are passed over. */
  readonly records: Iterable<DataRecord>
  /** ISO date on which they count. */
  readonly day: string
  /** One name for all names of a party. */
  readonly partyOf?: (name: string) => string
  /** Every publication of this aggregate there ever was, oldest first. */
  readonly history: readonly Published[]
  /** Cells of which something stands. */
  readonly standing: ReadonlySet<string>
}

/**
 * What an aggregate would say of each of its cells now. Pure; the order of the records means nothing.
 * A cell is published with at least k contributors, none of whom has more of a sum than the dominance rule allows, and again only when at
 * least k contributors bring something new (`newContributors`). A value that cannot be read is never left out in silence: then nothing is
 * published.
 */
export function planAggregate(request: AggregateRequest): readonly CellPlan[] {
  const { definition, records, day, history, partyOf = (name) => name } = request
  const byCell = new Map<string, DataRecord[]>()
  for (const record of records) {
    const cell = cellOf(definition, record)
    if (cell === null) continue
    const list = byCell.get(cell)
    if (list === undefined) byCell.set(cell, [record])
    else list.push(record)
  }
  // What one cell publishes now is no longer new to the next.
  const sofar = [...history]
  return definition.cells.each.map(({ name }) => {
    const all = byCell.get(name) ?? []
    const counted = all.filter((record) => isCounted(definition, record, day))
    const content = readCell(definition, counted, partyOf)
    const left = all.length - counted.length
    const plan = planCell(request, { cell: name, left }, content, sofar)
    if (plan.outcome === 'publish') sofar.push({ cell: name, marks: plan.publication.marks })
    return plan
  })
}

function planCell(
  { definition, bands, standing }: AggregateRequest,
  { cell, left }: { readonly cell: string; readonly left: number },
  content: CellContent,
  history: readonly Published[],
): CellPlan {
  const { k } = definition
  const marks = content.contributors.map(({ mark }) => mark)
  const facts = { cell, left, contributors: marks.length, records: content.records.length }
  const last = history.findLast((published) => published.cell === cell)
  const changed = last === undefined ? marks.length : changedSince(marks, last.marks)
  const stands = standing.has(cell) && last !== undefined
  if (stands && changed === 0 && content.faults.length === 0)
    return { ...facts, outcome: 'keep', because: 'nothing has changed since it was published' }
  const found = bandFor(definition, bands, content)
  const refusal = 'because' in found ? found.because : null
  // That something was taken away tells as much as a new value would.
  if (stands && changed < k)
    return {
      ...facts,
      outcome: 'keep',
      because: `${said(changed)} changed since it was published, ${k} must${refusal === null ? '' : `; and now ${refusal}`}`,
    }
  if ('because' in found) return { ...facts, outcome: 'suppress', because: found.because }
  const fresh = newContributors(cell, marks, history).length
  if (fresh < k)
    return {
      ...facts,
      outcome: stands ? 'keep' : 'suppress',
      because: `something new from ${said(fresh)}, ${k} are needed`,
    }
  const bound = boundOf(content.records, fieldsUsed(definition))
  if (bound === null) return { ...facts, outcome: 'suppress', because: 'no field bears a label' }
  return {
    ...facts,
    outcome: 'publish',
    because: last === undefined ? said(marks.length) : `something new from ${said(fresh)}`,
    publication: {
      title: `${definition.title}: ${cell}`,
      value: {
        measure: definition.measure,
        field: definition.from.field,
        cell,
        value: found.band,
        unit: content.unit,
        contributors: { from: String(k) },
      },
      label: labelOf(definition.label, bound),
      terms: bound.terms,
      asOf: yearOf(content.records),
      from: content.records,
      marks,
    },
  }
}

const said = (n: number): string => `${n} contributor${n === 1 ? '' : 's'}`

const yearOf = (records: readonly DataRecord[]): string => {
  const [first = ''] = records.map(({ envelope }) => envelope.asOf).sort()
  return `${first.slice(0, 4)}-01-01`
}

/** The band of the cell's value, or why there is none that may be published. */
function bandFor(
  definition: AggregateDefinition,
  bands: AggregateRequest['bands'],
  { contributors, faults, unit }: CellContent,
): { readonly band: Json } | { readonly because: string } {
  const { k, measure, level = 'coarse' } = definition
  const [fault, ...more] = faults
  if (fault !== undefined)
    return { because: more.length === 0 ? fault : `${fault}, and ${more.length} more like it` }
  if (contributors.length < k) return { because: `${said(contributors.length)}, ${k} are needed` }
  const type =
    measure === 'count' ? 'count' : fieldsOf(definition.from.kind)[definition.from.field]?.bandType
  if (type === undefined || unit === '')
    return { because: `${definition.from.field} is no quantity` }
  const bandOf = (amount: Decimal) => bandValue(formatDecimal(amount), type, level, bands)
  const none = { because: `no ${level} band of ${type} fits it` }
  if (measure === 'range') {
    const least = contributors.map((each) => each.least).sort(compareDecimals)[0]
    const greatest = contributors
      .map((each) => each.greatest)
      .sort(compareDecimals)
      .at(-1)
    const [low, high] = [least, greatest].map((each) => (each === undefined ? null : bandOf(each)))
    return hull(low ?? null, high ?? null) ?? none
  }
  if (measure === 'sum') {
    const dominated = dominanceOf(definition, contributors)
    if (dominated !== null) return { because: dominated }
  }
  const amount =
    measure === 'count'
      ? { units: BigInt(contributors.length), scale: 0 }
      : addDecimals(contributors.map(({ total }) => total))
  const band = bandOf(amount)
  return band === null ? none : { band }
}

/** From the lower edge of one band to the upper edge of another. */
function hull(low: Json | null, high: Json | null): { readonly band: Json } | null {
  const isBand = (band: Json | null): band is { readonly [name: string]: Json } =>
    typeof band === 'object' && band !== null && !Array.isArray(band)
  if (!isBand(low) || !isBand(high)) return null
  return {
    band: { from: low['from'] ?? null, ...(high['to'] !== undefined && { to: high['to'] }) },
  }
}

/** Why too much of a sum is one contributor's, or null. Without a rule no sum is published. */
function dominanceOf(
  { dominance }: AggregateDefinition,
  contributors: readonly Contributor[],
): string | null {
  if (dominance === undefined) return 'no dominance rule is given'
  const totals = contributors.map(({ total }) => total).sort((a, b) => compareDecimals(b, a))
  const sum = addDecimals(totals)
  if (sum.units === 0n) return 'all say zero: the sum would tell what each says'
  if (isMoreThan(addDecimals(totals.slice(0, 1)), dominance.largest, sum))
    return `the largest contributor has more than ${dominance.largest} % of the sum`
  if (
    dominance.largestTwo !== undefined &&
    isMoreThan(addDecimals(totals.slice(0, 2)), dominance.largestTwo, sum)
  )
    return `the two largest contributors have more than ${dominance.largestTwo} % of the sum`
  return null
}
