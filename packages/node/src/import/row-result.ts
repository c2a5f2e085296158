import type { DataRecord } from '@entente/schema'
import type { ImportCode } from './import-error.ts'

/** Something about a row that a person should know; the row goes on as it is. */
export type FlagCode =
  /** A text stands in the place of a party or a place and names none. */
  | 'PLACEHOLDER'
  /** Text was mended that had gone through the wrong encoding. */
  | 'MOJIBAKE'
  /** The row contradicts itself; imported as it is. */
  | 'CONTRADICTION'
  /** The code inside an identifier is another nation's than the record's. */
  | 'IDENTIFIER_NATION'
  /** The record has fields that the file says nothing of any more; they stay. */
  | 'FIELD_GONE'
  /** A spreadsheet program seems to have written a cell in its own way, such as `42` for `0042`. */
  | 'REWRITTEN'
  /** A field has changed since the table was exported; what the ledger has stays. */
  | 'NEWER'
  /** Something was changed or added in a column that is not read back. */
  | 'NOT_READ'

export interface Flag {
  readonly code: FlagCode
  readonly column: string | null
  readonly message: string
}

/** A record before the ledger gives it its id. */
export type Draft = Omit<DataRecord, 'id'>

/** A row that became a draft, or why it did not. */
export type RowResult =
  | {
      readonly ok: true
      readonly row: number
      readonly naturalKey: string
      /** Text by which the latest of several rows with one key is found. */
      readonly rank: string
      readonly draft: Draft
      readonly flags: readonly Flag[]
    }
  | {
      readonly ok: false
      readonly row: number
      readonly column: string | null
      readonly code: ImportCode
      readonly reason: string
      /** Where the row still says which record it is of. */
      readonly naturalKey?: string
    }
