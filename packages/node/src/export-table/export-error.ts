export type ExportCode =
  | 'FILE_EXISTS'
  | 'FILE_UNWRITABLE'
  | 'FORMAT_UNKNOWN'
  | 'CELL_TOO_LARGE'
  | 'TOO_MANY_ROWS'

/** A table that cannot be written: the message says what stands in the way and what to do. */
export class ExportError extends Error {
  override readonly name = 'ExportError'
  readonly code: ExportCode
  constructor(code: ExportCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
