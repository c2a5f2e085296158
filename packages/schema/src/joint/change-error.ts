export type ChangeCode = 'JOINT_SIZE' | 'JOINT_CHUNK' | 'JOINT_MESSAGE' | 'JOINT_OPERATION'

/** The bytes of a change of a joint document are none that is taken. */
export class ChangeError extends Error {
  override readonly name = 'ChangeError'
  readonly code: ChangeCode
  constructor(code: ChangeCode, message: string) {
    super(message)
    this.code = code
  }
}
