export type ControlCode =
  | 'FOLDER_IN_USE'
  | 'NODE_GONE'
  | 'REQUEST_FORM'
  | 'REQUEST_TOO_LARGE'
  | 'SOCKET_PATH_TOO_LONG'
  | 'VERB_UNKNOWN'

/** The node's folder or its local socket cannot be used. */
export class ControlError extends Error {
  override readonly name = 'ControlError'
  readonly code: ControlCode
  constructor(code: ControlCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** What a verb refused at the running node, with the node's own code and words. */
export class RemoteError extends Error {
  override readonly name = 'RemoteError'
  readonly code: string
  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}
