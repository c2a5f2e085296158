import type { Cell } from '../table/table.ts'
import type { ColumnFacts, Sample } from './column-facts.ts'
import { wordsOf } from './words.ts'

/** Columns by which the rows of a sample are recognised, and whether they tell all of them apart. */
export interface KeyColumns {
  readonly key: readonly string[]
  readonly isUnique: boolean
}

/** More columns than this are no key that somebody would keep. */
const mostColumns = 5

/** From this share on, two rows with one number are more likely a slip than two things. */
const nearlyAll = 0.8

const idWords = [
  'id',
  'objectid',
  'key',
  'number',
  'nsn',
  'guid',
  'globalid',
  'uuid',
  'element',
  'part',
  'reference',
]

/**
 * One column that looks like a number or code and is different in every row, or in nearly every; else the fewest texts that together are. Dates,
 * measures and prose are no key: they change while the thing stays the same.
 */
export function keyColumns({ columns, rows }: Sample): KeyColumns {
  const able = columns.filter(canName)
  const isId = ({ name }: ColumnFacts) => wordsOf(name).some((word) => idWords.includes(word))
  const nearly = ({ filled, distinct }: ColumnFacts) =>
    filled > 0.999 && distinct >= nearlyAll * rows.length
  const single =
    able.find((column) => column.unique && isId(column)) ??
    able.find((column) => nearly(column) && isId(column)) ??
    able.find(({ unique }) => unique)
  if (single !== undefined) return { key: [single.name], isUnique: single.unique }
  const key: string[] = []
  let distinct = 1
  while (distinct < rows.length && key.length < mostColumns) {
    const [best] = able
      .filter(({ name }) => !key.includes(name))
      .map((column) => ({ column, count: distinctBy([...key, column.name], rows) }))
      .toSorted((a, b) => b.count - a.count || Number(isId(b.column)) - Number(isId(a.column)))
    if (best === undefined || best.count <= distinct) break
    key.push(best.column.name)
    distinct = best.count
  }
  const first = columns[0]?.name
  return {
    key: key.length > 0 || first === undefined ? key : [first],
    isUnique: distinct === rows.length,
  }
}

const canName = ({ name, shapes, filled, list }: ColumnFacts): boolean =>
  !list &&
  filled > 0.5 &&
  shapes.date < 0.5 &&
  shapes.prose < 0.1 &&
  (shapes.number < 0.9 || shapes.integer > 0.9) &&
  !/rate|cost|price|amount|quantity|qty|lead|share|percent|pct|total|latitude|longitude|production|orders|year|raw|\bout\b|output|surge|\bmax|\bmin|capacity|stock/i.test(
    name,
  )

const distinctBy = (names: readonly string[], rows: readonly ReadonlyMap<string, Cell>[]): number =>
  new Set(rows.map((row) => JSON.stringify(names.map((name) => row.get(name) ?? '')))).size
