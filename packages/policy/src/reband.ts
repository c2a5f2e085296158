import type { BandType } from '@entente/schema'
import { formatIsoDate, parseIsoDate } from './dates.ts'
import {
  addDecimals,
  compareDecimals,
  type Decimal,
  negative,
  parseDecimal,
  percentOf,
} from './decimal.ts'
import type { Bands, Reband } from './document.ts'

/** When bands of a type are made anew, and by how much a value must be past an edge: percent of the edge. */
export interface CompiledReband {
  readonly every: Reband['every']
  readonly margin: Decimal
}

export function compileReband(bands: Bands): ReadonlyMap<BandType, CompiledReband> {
  return new Map(
    Object.entries(bands).flatMap(([type, { reband }]) =>
      reband === undefined
        ? []
        : [[type as BandType, { every: reband.every, margin: marginOf(reband) }] as const],
    ),
  )
}

function marginOf({ margin }: Reband): Decimal {
  const number = parseDecimal(margin)
  if (number === null) throw new TypeError(`${margin} is not a decimal string`)
  return number
}

const DAY = 86_400_000

/**
 * The first scheduled moment after a time: midnight UTC of the next day, of the next Monday (ISO 8601), or of the first day of the
 * next month, quarter or year.
 */
export function nextMoment(every: Reband['every'], atMs: number): number {
  const days = Math.floor(atMs / DAY)
  if (every === 'day') return (days + 1) * DAY
  // 1970-01-01 was a Thursday.
  if (every === 'week') return (Math.floor((days + 3) / 7) * 7 + 4) * DAY
  const [year = 0, month = 1] = formatIsoDate(atMs).split('-').map(Number)
  const months = { month: 1, quarter: 3, year: 12 }[every]
  const next = Math.floor((month - 1) / months) * months + months
  const date = [year + Math.floor(next / 12), (next % 12) + 1]
  const text = `${String(date[0]).padStart(4, '0')}-${String(date[1]).padStart(2, '0')}-01`
  // Past the year 9999 no moment comes any more.
  return parseIsoDate(text) ?? Infinity
}

/**
 * An edge whose margin reaches to the middle of a fine band beside it: from there on a value in the middle of a band would be
 * shown in another. The edge 0 has no margin.
 * @returns null when there is none
 */
export function tooWideAt(edges: readonly string[], reband: Reband): string | null {
  const margin = parseDecimal(reband.margin)
  const numbers = edges.map(parseDecimal)
  for (const [i, edge] of numbers.entries()) {
    if (edge === null || margin === null) continue
    const reach = percentOf(margin, edge)
    const twice = addDecimals(reach, reach)
    const widths = [
      [numbers[i - 1], edge],
      [edge, numbers[i + 1]],
    ].flatMap(([from, to]) => (from && to ? [addDecimals(to, negative(from))] : []))
    if (reach.units > 0n && widths.some((width) => compareDecimals(twice, width) >= 0))
      return edges[i] ?? null
  }
  return null
}

const order: readonly Reband['every'][] = ['day', 'week', 'month', 'quarter', 'year']

/** Band types whose bands follow the value closer than before: what that tells is not known, so it counts as more. */
export function loosenedTypes(before: Bands, after: Bands): readonly string[] {
  return Object.entries(after)
    .filter(([type, { reband }]) => {
      const was = before[type as BandType]?.reband
      if (was === undefined) return false
      return (
        reband === undefined ||
        order.indexOf(reband.every) < order.indexOf(was.every) ||
        compareDecimals(marginOf(reband), marginOf(was)) < 0
      )
    })
    .map(([type]) => type)
}
