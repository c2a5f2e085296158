import type { BandType, Json } from '@entente/schema'
import { compareDecimals, type Decimal, parseDecimal } from './decimal.ts'
import type { Bands } from './document.ts'

/** Where a band begins. */
export interface Edge {
  readonly text: string
  readonly value: Decimal
}

/** Lower edges of each level of one band type, ascending. */
export type BandTable = ReadonlyMap<'fine' | 'coarse', readonly Edge[]>

export function compileBands(bands: Bands): ReadonlyMap<BandType, BandTable> {
  return new Map(
    Object.entries(bands).map(([type, { levels }]) => [
      type as BandType,
      new Map(levels.map(({ name, edges }) => [name, edges.map(edge)])),
    ]),
  )
}

function edge(text: string): Edge {
  const value = parseDecimal(text)
  if (value === null) throw new TypeError(`${text} is not a decimal string`)
  return { text, value }
}

/** Which members of a value are quantities, and which may go along unchanged. */
const shapes: Readonly<
  Record<
    BandType,
    readonly { readonly banded: readonly string[]; readonly kept: readonly string[] }[]
  >
> = {
  rate: [
    { banded: ['number'], kept: ['unit', 'per'] },
    { banded: ['quantity'], kept: ['unit', 'period'] },
  ],
  months: [{ banded: ['admin', 'production', 'total'], kept: ['unit'] }],
  percent: [],
  count: [],
  money: [{ banded: ['amount'], kept: ['currency', 'base_year', 'nature'] }],
}

/** The quantities of a value by the member that holds them, a bare one under no name, and all else in it. */
export interface Quantities {
  readonly quantities: ReadonlyMap<string, Decimal>
  readonly kept: ReadonlyMap<string, Json>
}

/** @returns null for a value that the band type does not fit, or a bound such as `>50` */
export function quantitiesOf(value: Json, type: BandType): Quantities | null {
  const bare = parseDecimal(value)
  if (bare !== null) return { quantities: new Map([['', bare]]), kept: new Map() }
  const shape = shapeOf(value, type)
  if (shape === null) return null
  const quantities = new Map<string, Decimal>()
  const kept = new Map<string, Json>()
  for (const [name, member] of Object.entries(value as object) as [string, Json][]) {
    if (!shape.banded.includes(name)) {
      kept.set(name, member)
      continue
    }
    const number = parseDecimal(member)
    if (number === null) return null
    quantities.set(name, number)
  }
  return { quantities, kept }
}

function shapeOf(value: Json, type: BandType) {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null
  const members = Object.keys(value)
  return (
    shapes[type].find(
      ({ banded, kept }) =>
        members.some((name) => banded.includes(name)) &&
        members.every((name) => banded.includes(name) || kept.includes(name)),
    ) ?? null
  )
}

/** Lower edge of the band that holds a number, and of the one above; null: it is below the lowest edge. */
export function edgesAround(
  number: Decimal,
  edges: readonly Edge[],
): { readonly from: Edge; readonly to: Edge | undefined } | null {
  let at = -1
  while (at + 1 < edges.length) {
    const next = edges[at + 1]
    if (next === undefined || compareDecimals(next.value, number) > 0) break
    at++
  }
  const from = edges[at]
  return from === undefined ? null : { from, to: edges[at + 1] }
}

/**
 * The value with every quantity replaced by its band, `{from, to}` in decimal strings, `to` absent in the open top band:
 * `from` is in, `to` is out. A bare quantity becomes the band itself.
 * @returns null for a value this band type does not fit (unknown member, bound such as `>50`, below the lowest edge): it must not go
 */
export function bandValue(
  value: Json,
  type: BandType,
  level: 'fine' | 'coarse',
  bands: ReadonlyMap<BandType, BandTable>,
): Json | null {
  const edges = bands.get(type)?.get(level)
  if (edges === undefined) return null
  if (typeof value !== 'object' || value === null) return bandOf(value, edges)
  const shape = shapeOf(value, type)
  if (shape === null) return null
  const out: Record<string, Json> = {}
  for (const [name, member] of Object.entries(value)) {
    if (!shape.banded.includes(name)) {
      // A kept member is a code or a year, never a place for another quantity.
      if (typeof member === 'object') return null
      out[name] = member
      continue
    }
    const band = bandOf(member, edges)
    if (band === null) return null
    out[name] = band
  }
  return out
}

function bandOf(value: Json, edges: readonly Edge[]): Json | null {
  const number = parseDecimal(value)
  const around = number === null ? null : edgesAround(number, edges)
  if (around === null) return null
  const { from, to } = around
  return to === undefined ? { from: from.text } : { from: from.text, to: to.text }
}
