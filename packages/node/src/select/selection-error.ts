export type SelectionCode = 'SELECTION_FORM' | 'SELECTION_FIELD'

/** A condition that asks nothing: the message shows where it goes wrong and what can stand there. */
export class SelectionError extends Error {
  override readonly name = 'SelectionError'
  readonly code: SelectionCode
  constructor(code: SelectionCode, message: string) {
    super(message)
    this.code = code
  }
}
