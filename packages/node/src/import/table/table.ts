import { createReadStream } from 'node:fs'
import { z } from 'zod'
import type { ImportError } from '../import-error.ts'

/** Where the bytes of a file come from; they are read more than once. */
export interface TableSource {
  /** Name as people know it: it stands in messages, and its ending says what a text file is. */
  readonly name: string
  /** Path of a file on this machine; a workbook is read in a process of its own, by path. */
  readonly path: string
  readonly open: () => AsyncIterable<Uint8Array>
}

/** A file on this machine. */
export const fileSource = (path: string, name: string = path): TableSource => ({
  name,
  path,
  open: () => createReadStream(path),
})

/** How to read a file, where it does not say so itself. All of it can stand in a mapping. */
export const TableOptions = z.strictObject({
  format: z.enum(['csv', 'json', 'jsonl', 'xlsx']).optional(),
  /** Label of the WHATWG Encoding Standard, such as `windows-1252`. */
  encoding: z.string().min(1).optional(),
  delimiter: z.string().length(1).optional(),
  quote: z.string().length(1).optional(),
  /** Name of the sheet of a workbook; else the first that is not hidden. */
  sheet: z.string().min(1).optional(),
  /** Whether a row of a CSV file may leave out empty cells at its end, as spreadsheet programs write it. */
  shortRows: z.boolean().optional(),
  /** Line or row, from 1: the first with text from there on names the columns; what stands above is left out. */
  headerRow: z.int().min(1).max(1000).optional(),
  /** Member of a JSON document that holds the rows, such as `data.items`; else the document is the list. */
  rows: z.string().min(1).optional(),
})
export type TableOptions = z.infer<typeof TableOptions>

/** What a file turned out to be; shown with the summary, since a guess may be wrong. */
export interface TableInfo {
  readonly format: 'csv' | 'json' | 'jsonl' | 'xlsx'
  /** Encoding of a text file, and whether it was guessed from its bytes. */
  readonly encoding: string | null
  readonly encodingGuessed: boolean
  readonly delimiter: string | null
  readonly sheet: string | null
  /** Sheets of a workbook that were not read. */
  readonly otherSheets: readonly string[]
  /** Names of the columns, trimmed; null where every row names its own (JSON). */
  readonly columns: readonly string[] | null
  /** Columns that the mapping reads and no row had, of a file whose rows name their own. */
  readonly absent?: readonly string[]
}

/** A cell that is there and cannot be read: an error only for the fields that need it. */
export interface CellFault {
  readonly code: 'FORMULA_WITHOUT_VALUE' | 'CELL_ERROR' | 'CELL_NESTED' | 'MERGED_CELL'
  readonly message: string
}

/** Text of a cell; a list of texts only in JSON tables. */
export type Cell = string | readonly string[] | CellFault

/** Cells of a row by the names of their columns; empty ones too, but in JSON, where a row has columns of its own. */
export interface Cells extends ReadonlyMap<string, Cell> {
  /**
   * Whether the file itself says that a cell, or a member of a list, is a number: then it is plain, as `1234.5` or
   * `12.5 %`, however the texts of the file write theirs.
   * @param member place in the list, from 0
   */
  readonly isNumber?: (column: string, member: number) => boolean
}

/** One row of a table, or why it is none. `row` is the line on which it ends in a text file, the row of a sheet, or the place in a JSON list, from 1. */
export type RawRow =
  | { readonly row: number; readonly cells: Cells }
  | { readonly row: number; readonly error: ImportError }

/** An open table. `rows` can be read once. */
export interface Table {
  readonly info: TableInfo
  readonly rows: () => AsyncGenerator<RawRow>
}
