/** Why a mapping, a file or a row cannot be imported. */
export type ImportCode =
  | 'MAPPING_INVALID'
  | 'MAPPING_UNKNOWN'
  | 'MAPPING_MISSING'
  | 'MAPPING_SUPERSEDED'
  | 'MAPPING_SIGNATURE'
  | 'FILE_UNREADABLE'
  | 'FILE_EMPTY'
  | 'FILE_TOO_LARGE'
  | 'FILE_CHANGED'
  | 'FORMAT_UNKNOWN'
  | 'ENCODING_UNKNOWN'
  | 'ENCODING_INVALID'
  | 'NOT_JSON'
  | 'NOT_A_TABLE'
  | 'NOT_A_WORKBOOK'
  | 'SHEET_UNKNOWN'
  | 'CSV_SYNTAX'
  | 'CSV_COLUMN_COUNT'
  | 'ROW_TOO_LARGE'
  | 'TOO_MANY_COLUMNS'
  | 'TOO_MANY_ROWS'
  | 'DUPLICATE_COLUMN'
  | 'MISSING_COLUMN'
  | 'MISSING_VALUE'
  | 'PLACEHOLDER'
  | 'NOT_A_RECORD'
  | 'FORMULA_WITHOUT_VALUE'
  | 'CELL_ERROR'
  | 'CELL_NESTED'
  | 'MERGED_CELL'
  | 'DATE_AMBIGUOUS'
  | 'BAD_VALUE'
  | 'DUPLICATE_KEY'
  | 'ID_MISSING'
  | 'RECORD_UNKNOWN'
  | 'NOT_OURS'
  | 'CHANGED_SINCE'
  | 'IMPORT_UNKNOWN'
  | 'IMPORT_STATE'
  | 'IMPORT_REFUSED_ROWS'

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
