import { ImportError } from '../import-error.ts'
import type { Mapping } from '../mapping/mapping.ts'
import type { Match } from '../mapping/match.ts'
import type { Flag } from '../row-result.ts'
import type { Cell, Cells } from '../table/table.ts'
import { mendMojibake } from './mojibake.ts'
import { type NumberStyle, plainStyle } from './number.ts'
import { quote } from './transform.ts'

/** A row, how its file writes things, and what is noticed while it is read. */
export interface RowContext {
  readonly cells: Cells
  /** Every row names its own columns (JSON): one that is not there is not given. */
  readonly sparse: boolean
  readonly style: Pick<Mapping, 'numbers' | 'dates' | 'missing'>
  readonly flag: (flag: Flag) => void
  /** Told the text of every cell that came out in another, normal form. */
  readonly given: (text: string) => void
}

/**
 * Trimmed text of a cell, or undefined when it says "not given". What `values` lists is given, whatever else it may mean.
 * @throws {ImportError} `MISSING_COLUMN`, `BAD_VALUE` for a list, or the fault of the cell
 */
export function textIn(
  column: string,
  row: RowContext,
  alsoMissing: readonly string[] = [],
  values: Readonly<Record<string, string>> = {},
): string | undefined {
  const cell = row.cells.get(column)
  if (cell === undefined) {
    if (row.sparse) return undefined
    throw new ImportError('MISSING_COLUMN', `there is no column ${column}`, column)
  }
  if (Array.isArray(cell)) throw new ImportError('BAD_VALUE', `${column} holds a list`, column)
  if (typeof cell === 'object')
    throw faultOf(cell as Exclude<Cell, string | readonly string[]>, column)
  const text = cleanCell(cell, column, row)
  return isGiven(text, row, alsoMissing, values) ? text : undefined
}

/** A text of whole characters. @throws {ImportError} `BAD_VALUE` for one with half a character, which no file can hold */
export function wellFormed(text: string, column: string): string {
  if (text.isWellFormed()) return text
  throw new ImportError(
    'BAD_VALUE',
    `${column} holds half a character (a lone surrogate): mend ${quote(text.toWellFormed())} in the source`,
    column,
  )
}
/** Whether a text, a cell or a part of one, says something. What `values` lists does, whatever else it may mean. */
export const isGiven = (
  text: string,
  { style }: RowContext,
  alsoMissing: readonly string[] = [],
  values: Readonly<Record<string, string>> = {},
): boolean =>
  text !== '' &&
  (Object.hasOwn(values, text) || !(style.missing.includes(text) || alsoMissing.includes(text)))

/** How the numbers of a cell are written: plainly if the file itself says that it is one. */
export const numbersOf = (
  column: string,
  { cells, style }: RowContext,
  member: number = 0,
): NumberStyle => (cells.isNumber?.(column, member) ? plainStyle : style.numbers)

/** Trimmed text in Unicode NFC, mended where it went through a wrong encoding. */
export function cleanCell(cell: string, column: string, { flag }: RowContext): string {
  const text = wellFormed(cell, column).trim().normalize('NFC')
  const mended = mendMojibake(text)
  if (mended === undefined) return text
  flag({
    code: 'MOJIBAKE',
    column,
    message: `${column}: ${quote(text)} was read as ${quote(mended)}: somebody had taken UTF-8 for Windows-1252`,
  })
  return mended.trim().normalize('NFC')
}

/** Whether a row has all that is asked for; letter case and runs of blanks aside. */
export const matches = (match: Match, row: RowContext): boolean =>
  Object.entries(match).every(([column, wanted]) => {
    const text = fold(textIn(column, row) ?? '')
    return [wanted].flat().some((each) => fold(each) === text)
  })

/** What a row has of what was asked for, for a message. */
export const matched = (match: Match, row: RowContext): string =>
  Object.keys(match)
    .map((column) => `${column} is ${quote(textIn(column, row) ?? '')}`)
    .join(' and ')

/** A text with letter case and runs of blanks aside. */
export const fold = (text: string): string => text.toLowerCase().replace(/\s+/g, ' ')

const faultOf = (
  { code, message }: Exclude<Cell, string | readonly string[]>,
  column: string,
): ImportError => new ImportError(code, message, column)
