/** Why a mapping, a file or a row cannot be imported. */
export type ImportCode =
  | 'MAPPING_INVALID'
  | 'NOT_UTF8'
  | 'NOT_JSON'
  | 'NOT_A_TABLE'
  | 'FILE_TOO_LARGE'
  | 'CSV_SYNTAX'
  | 'CSV_COLUMN_COUNT'
  | 'DUPLICATE_COLUMN'
  | 'MISSING_COLUMN'
  | 'MISSING_VALUE'
  | 'BAD_VALUE'
  | 'DUPLICATE_KEY'

/** Something foreign that import refuses: the code is for callers, the message names the value. */
export class ImportError extends Error {
  override readonly name = 'ImportError'
  readonly code: ImportCode
  /** Column of the file at fault, if one is. */
  readonly column: string | undefined
  constructor(code: ImportCode, message: string, column?: string) {
    super(message)
    this.code = code
    this.column = column
  }
}
