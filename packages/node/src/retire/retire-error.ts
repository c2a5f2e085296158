export type RetireCode = 'CHECKPOINT_UNFIT' | 'HANDOVER_DIFFERS' | 'LOG_EMPTY' | 'LOG_UNFINISHED'

/** A log cannot be ended as asked; the message says what to do. */
export class RetireError extends Error {
  override readonly name = 'RetireError'
  readonly code: RetireCode
  constructor(code: RetireCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
