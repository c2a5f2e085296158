export type LedgerCode =
  | 'RECORD_UNKNOWN'
  | 'VERSION_UNKNOWN'
  | 'FIELD_UNKNOWN'
  | 'VALUE_INVALID'
  | 'LABEL_WIDENS'
  | 'SHARD_UNKNOWN'
  | 'SHARD_INVALID'
  | 'SHARD_DAMAGED'

/** A change that the ledger refuses; nothing was written. */
export class LedgerError extends Error {
  override readonly name = 'LedgerError'
  readonly code: LedgerCode
  constructor(code: LedgerCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
