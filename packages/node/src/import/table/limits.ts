/** Characters of text in one row. */
export const maxRowChars = 1 << 20

/** Columns of a table, as in a spreadsheet program. */
export const maxColumns = 16_384

/** Rows of a sheet, as in a spreadsheet program. */
export const maxSheetRows = 1_048_576

/** Characters of text in one cell of a sheet, as in a spreadsheet program. */
export const maxCellChars = 32_767
