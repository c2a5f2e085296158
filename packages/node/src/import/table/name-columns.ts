import { ImportError } from '../import-error.ts'
import { maxColumns } from './limits.ts'
import { type LooseCell, NamedCells } from './named-cells.ts'
import type { CellFault, RawRow } from './table.ts'

/** A row of a file that names its columns in one of them, before the names are known. */
export type LooseRow =
  | { readonly row: number; readonly cells: readonly LooseCell[] }
  | { readonly row: number; readonly error: ImportError }

/** What rows belong to, and how they are counted in messages. */
export interface RowPlace {
  /** File, or file and sheet. */
  readonly place: string
  readonly unit: 'line' | 'row'
  /** Rows before it, from 1, are left out; the first after it that has text names the columns. */
  readonly headerRow: number
  /** A row with fewer cells than columns is an error: text files write their empty cells, sheets leave them out. */
  readonly exact: boolean
}

/** Why a cell has no value of its own: the fault of one that is covered by others, by its row and column from 0. */
export type Covered = (row: number, column: number) => CellFault | undefined

/**
 * Names of the columns, in Unicode NFC. A column without a name before the last that has one is called by its place, `#1`.
 * @throws {ImportError} `FILE_EMPTY`, `DUPLICATE_COLUMN`, `TOO_MANY_COLUMNS`, or what makes the header unreadable
 */
export async function readColumns(
  rows: AsyncIterable<LooseRow>,
  at: RowPlace,
): Promise<readonly string[]> {
  for await (const row of fromHeader(rows, at)) return namesIn(row, at)
  const { place, unit, headerRow } = at
  throw new ImportError(
    'FILE_EMPTY',
    `${place} has no row that names the columns${headerRow > 1 ? ` from ${unit} ${headerRow} on` : ''}; give it a header${unit === 'row' ? ', or name another `sheet`' : ''}`,
  )
}

/**
 * The rows behind the header, by column. Rows without any text are left out; what stands behind the last column that
 * has a name must be empty.
 * @param coveredBelow which cells below the header, by its row, have no value of their own
 * @throws {ImportError} `TOO_MANY_COLUMNS`
 */
export async function* nameCells(
  rows: AsyncIterable<LooseRow>,
  columns: readonly string[],
  at: RowPlace,
  coveredBelow?: (headerRow: number) => Covered,
): AsyncGenerator<RawRow> {
  const places = new Map(columns.map((name, i) => [name, i]))
  let header = true
  let covered: Covered | undefined
  for await (const row of fromHeader(rows, at)) {
    if (header) covered = coveredBelow?.(row.row)
    else yield named(row, places, at, covered)
    header = false
  }
}

async function* fromHeader(
  rows: AsyncIterable<LooseRow>,
  { headerRow }: RowPlace,
): AsyncGenerator<LooseRow> {
  for await (const row of rows) if (row.row >= headerRow && !isBlank(row)) yield row
}

function namesIn(header: LooseRow, at: RowPlace): readonly string[] {
  if ('error' in header) throw header.error
  const where = `${at.place}, ${at.unit} ${header.row}`
  checkWidth(header.cells, where)
  const names = header.cells.map((cell) => {
    if (typeof cell === 'object' && 'code' in cell) throw new ImportError(cell.code, cell.message)
    return (typeof cell === 'string' ? cell : cell.number).trim().normalize('NFC')
  })
  while (names.at(-1) === '') names.pop()
  const places = new Map<string, number>()
  return names.map((given, i) => {
    const name = given === '' ? `#${i + 1}` : given
    const earlier = places.get(name)
    if (earlier !== undefined)
      throw new ImportError(
        'DUPLICATE_COLUMN',
        `${where}: columns ${earlier} and ${i + 1} are both called ${JSON.stringify(name)}; rename one`,
        name,
      )
    places.set(name, i + 1)
    return name
  })
}

function named(
  row: LooseRow,
  columns: ReadonlyMap<string, number>,
  at: RowPlace,
  covered: Covered | undefined,
): RawRow {
  if ('error' in row) return row
  const { cells } = row
  const where = `${at.place}, ${at.unit} ${row.row}`
  checkWidth(cells, where)
  const beyond = cells.findIndex((cell, i) => i >= columns.size && !isEmpty(cell))
  if (beyond === -1 && !(at.exact && cells.length < columns.size))
    return {
      row: row.row,
      cells: new NamedCells(columns, cells, covered && ((column) => covered(row.row, column))),
    }
  const message =
    beyond === -1
      ? `${where}: ${cells.length} cells where the header names ${columns.size} columns; write every cell, empty or not`
      : `${where}: cell ${beyond + 1} is not empty, but the header names ${columns.size} columns; quote a cell that holds the delimiter, name the column, or say with \`headerRow\` where the header stands`
  return { row: row.row, error: new ImportError('CSV_COLUMN_COUNT', message) }
}

function checkWidth({ length }: readonly LooseCell[], where: string): void {
  if (length > maxColumns)
    throw new ImportError(
      'TOO_MANY_COLUMNS',
      `${where}: ${length} columns are more than ${maxColumns}; split the table, or see that its \`delimiter\` is right`,
    )
}

const isEmpty = (cell: LooseCell): boolean => typeof cell === 'string' && cell.trim() === ''

const isBlank = (row: LooseRow): boolean => 'cells' in row && row.cells.every(isEmpty)
