export type CliCode =
  | 'AMBIGUOUS'
  | 'APPROVAL_UNKNOWN'
  | 'SELECTION_CHANGED'
  | 'DATASET_UNKNOWN'
  | 'EDITION_UNASKED'
  | 'FIELD_FORM'
  | 'FILE_EXISTS'
  | 'FILE_FORM'
  | 'FILE_MISSING'
  | 'JOINT_STALE'
  | 'LABEL_FORM'
  | 'PROPOSAL_UNKNOWN'
  | 'QR_TOO_LARGE'
  | 'RECORD_UNKNOWN'
  | 'USAGE'

/** What was typed cannot be done; the message says what to type instead. */
export class CliError extends Error {
  override readonly name = 'CliError'
  readonly code: CliCode
  /** More of the same for `--json`, such as the candidates of an ambiguous name. */
  readonly details: Readonly<Record<string, unknown>>
  constructor(code: CliCode, message: string, details: Readonly<Record<string, unknown>> = {}) {
    super(message)
    this.code = code
    this.details = details
  }
}
