import { isNation, parseNcage, parseNiin, parseNsn, parseUei } from '@entente/schema'
import type { Mapping } from '../mapping/mapping.ts'
import type { Cell, Cells, Table } from '../table/table.ts'
import { isoDate } from '../values/date.ts'
import { plainNumber } from '../values/number.ts'
import { isPlaceholder } from '../values/party.ts'
import { nationOfName, nationOfPlace } from '../values/place.ts'

/** What a sample of its cells says of a column. Shares are of the cells that are given, 0 to 1. */
export interface ColumnFacts {
  readonly name: string
  readonly filled: number
  readonly distinct: number
  /** Every row has it and no two the same. */
  readonly unique: boolean
  /** The most frequent texts, first the most. */
  readonly samples: readonly string[]
  readonly shapes: Readonly<Record<Shape, number>>
  /** Way of writing dates that fits all the dates in it. */
  readonly dates: Mapping['dates'] | null
  readonly decimal: Mapping['numbers']['decimal']
  readonly separator: string | null
  /** Cells are lists in the file itself. */
  readonly list: boolean
  /** Cells are numbers in the file itself, written plainly. */
  readonly numeric: boolean
  /** Texts that stand for "not given". */
  readonly missing: readonly string[]
}

const shapes = {
  integer: (text) => /^-?\d{1,12}$/.test(text),
  number: (text) => plainNumber(text, { decimal: '.' }) !== undefined,
  percent: (text) => /^[<>]?\s*\d{1,3}(\.\d+)?\s*%?$/.test(text),
  boolean: (text) => /^(true|false|yes|no|y|n)$/i.test(text),
  date: (text) => styles.some((style) => isDate(text, style)),
  nsn: (text) => parseNsn(text).ok,
  niin: (text) => parseNiin(text).ok,
  ncage: (text) => /[A-Z]/i.test(text) && /\d/.test(text) && parseNcage(text).ok,
  uei: (text) => /[A-Z]/i.test(text) && parseUei(text).ok,
  nation: (text) => isNation(text) || nationOfName(text) !== undefined,
  place: (text) => /[, ]/.test(text) && nationOfPlace(text, 'USA') !== undefined,
  party: (text) => isPlaceholder(text),
  prose: (text) => text.length > 80,
} as const satisfies Record<string, (text: string) => boolean>
export type Shape = keyof typeof shapes

const styles = ['ISO', 'M/D/YYYY', 'D/M/YYYY', 'D.M.YYYY', 'YYYY/M/D', 'D MMM YYYY'] as const
// A year alone is a number as often as a date.
const isDate = (text: string, style: (typeof styles)[number]): boolean =>
  !/^\d{1,8}$/.test(text) &&
  /^\d{4}-|[^ISO]/.test(style === 'ISO' ? text : style) &&
  dated(text, style)
const dated = (text: string, style: (typeof styles)[number]): boolean => {
  const date = isoDate(text, style)
  return date !== undefined && date !== 'ambiguous'
}

const absent = ['NA', 'N/A', 'NULL', 'null', 'None', '—', '-', '--', '#N/A', 'n/a', '.', '?']

/** A sample of a table: what it says of each column, and its rows. */
export interface Sample {
  readonly columns: readonly ColumnFacts[]
  readonly rows: readonly Cells[]
}

/** Reads the first rows of a table. @param limit rows looked at */
export async function sampleOf(table: Table, limit: number): Promise<Sample> {
  const rows: Cells[] = []
  for await (const row of table.rows()) {
    if ('cells' in row) rows.push(row.cells)
    if (rows.length === limit) break
  }
  const names = table.info.columns ?? new Set(rows.flatMap((row) => [...row.keys()]))
  const columns = [...names].map((name) => describe(name, rows))
  return { columns, rows }
}

/** Characters of a cell that are looked at: more than a text of a record may have, so that a longer one is seen to be. */
const maxSampleChars = 2_001

function describe(name: string, rows: readonly Cells[]): ColumnFacts {
  const cells = rows.map((row): Cell => row.get(name) ?? '')
  const list = cells.some(Array.isArray)
  const all = cells
    .flatMap((cell) => (typeof cell === 'string' ? [cell] : Array.isArray(cell) ? cell : []))
    .map((text) => text.trim().slice(0, maxSampleChars))
    .filter((text) => text !== '')
  const missing = absent.filter((text) => all.includes(text))
  const given = all.filter((text) => !missing.includes(text))
  const counts = new Map<string, number>()
  for (const text of given) counts.set(text, (counts.get(text) ?? 0) + 1)
  const share = (is: (text: string) => boolean) =>
    given.length === 0 ? 0 : given.filter(is).length / given.length
  const dates = styles.filter((style) => given.every((text) => isDate(text, style)))
  const separator = ['; ', ';', '|', ', ', ' / '].find(
    (mark) =>
      share((text) => text.includes(mark)) > 0.2 && share((text) => text.length < 120) > 0.9,
  )
  return {
    name,
    filled: rows.length === 0 ? 0 : Math.min(1, given.length / rows.length),
    distinct: counts.size,
    unique: !list && rows.length > 1 && counts.size === rows.length,
    samples: [...counts]
      .sort(([, a], [, b]) => b - a)
      .slice(0, 50)
      .map(([text]) => text),
    shapes: Object.fromEntries(
      Object.entries(shapes).map(([shape, is]) => [shape, share(is)]),
    ) as Record<Shape, number>,
    dates: given.length > 0 ? (dates[0] ?? null) : null,
    decimal: share((text) => /^-?\d{1,3}(\.\d{3})*,\d+$/.test(text)) > 0.5 ? ',' : '.',
    separator: list ? ';' : (separator ?? null),
    list,
    numeric:
      given.length > 0 && rows.every((row) => !row.get(name) || row.isNumber?.(name, 0) === true),
    missing,
  }
}
