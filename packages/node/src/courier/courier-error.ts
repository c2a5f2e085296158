export type CourierCode =
  | 'COURIER_DAMAGED'
  | 'COURIER_FORM'
  | 'COURIER_RECIPIENT'
  | 'COURIER_SIGNATURE'
  | 'COURIER_STRANGER'

/** A courier bundle that is refused as a whole: nothing of it was taken in. The message says why and what to do. */
export class CourierError extends Error {
  override readonly name = 'CourierError'
  readonly code: CourierCode
  constructor(code: CourierCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
