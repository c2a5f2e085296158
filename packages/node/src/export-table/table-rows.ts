/** A table about to be written. `rows` can be asked for more than once. */
export interface TableRows {
  /** Name of the sheet of a workbook. */
  readonly sheet: string
  readonly columns: readonly string[]
  readonly rows: () => Iterable<TableRow>
}

/** One row: its cells by column; a column that it has not is empty. */
export interface TableRow {
  /** Of the record, for messages. */
  readonly id: string
  readonly cells: ReadonlyMap<string, string>
}
