export type SetupCode =
  | 'ADDRESS_FORM'
  | 'AUTHORITIES'
  | 'BACKUP_SET'
  | 'CONFIG_FORM'
  | 'CONFIG_MISSING'
  | 'FOLDER_NOT_EMPTY'
  | 'KEY_EXPOSED'
  | 'KEY_EXISTS'
  | 'KEY_FORM'
  | 'KEY_LATE'
  | 'KEY_MISSING'
  | 'LEAF_UNKNOWN'
  | 'NATION_UNKNOWN'
  | 'NODE_EXISTS'
  | 'PASSPHRASE_MISSING'
  | 'PASSPHRASE_WEAK'
  | 'PASSPHRASE_WRONG'
  | 'PERSON_EXISTS'
  | 'PLACE_INSIDE'
  | 'TEXT_FORM'
  | 'REQUEST_FORM'
  | 'ROOT_ANSWER_DIFFERS'
  | 'ROOT_ANSWER_FORM'
  | 'ROOT_CHANGED'
  | 'ROOT_NOT_IN_ROSTER'
  | 'ROOT_NOT_OURS'
  | 'ROOT_SUCCEEDED'
  | 'ROOT_TWICE'
  | 'ROOT_REQUEST_FORM'
  | 'ROOT_REQUEST_MISSING'
  | 'ROOT_REQUEST_NATION'
  | 'ROOT_REQUEST_PROOF'
  | 'ROSTER_FORGETS'
  | 'ROSTER_NOT_OURS'
  | 'ROSTER_OLD'
  | 'REVOCATIONS_UNREADABLE'
  | 'ROSTER_REFUSED'
  | 'ROSTER_UNREADABLE'

/** A folder, key or roster that cannot be set up or used; the message names it and says what to do. */
export class SetupError extends Error {
  override readonly name = 'SetupError'
  readonly code: SetupCode
  constructor(code: SetupCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
