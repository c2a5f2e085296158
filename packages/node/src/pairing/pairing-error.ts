export type PairingCode =
  | 'INVITATION_EXPIRED'
  | 'INVITATION_OTHER'
  | 'INVITATION_OWN'
  | 'INVITATION_USED'
  | 'PAIRING_COALITION'
  | 'PAIRING_KEY'
  | 'PAIRING_ROOT'
  | 'PAIRING_UNKNOWN'
  | 'PARTNER_ALREADY'
  | 'PROPOSAL_FORM'
  | 'PROPOSAL_NOT_OURS'
  | 'PROPOSAL_NUMBER'
  | 'PROPOSAL_ROOT'
  | 'PROPOSAL_SIGNED_OTHER'
  | 'PROPOSAL_UNKNOWN'
  | 'PROPOSAL_UNSIGNED'
  | 'REPLY_EXPIRED'
  | 'REPLY_OTHER'
  | 'REPLY_USED'
  | 'ROOT_TWICE'

/** The ceremony cannot go on with this; the message names nation and fact and says what to do. */
export class PairingError extends Error {
  override readonly name = 'PairingError'
  readonly code: PairingCode
  constructor(code: PairingCode, message: string) {
    super(message)
    this.code = code
  }
}
