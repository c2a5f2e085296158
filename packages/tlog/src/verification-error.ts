/** Why evidence was refused. A `…_MALFORMED` code means that it could not be read as that format at all. */
export type VerificationCode =
  | 'BASE64_MALFORMED'
  | 'HEX_MALFORMED'
  | 'UTF8_MALFORMED'
  | 'NUMBER_MALFORMED'
  | 'HASH_LENGTH'
  | 'TREE_SIZE'
  | 'INCLUSION_INDEX'
  | 'INCLUSION_PROOF_LENGTH'
  | 'INCLUSION_ROOT_MISMATCH'
  | 'CONSISTENCY_SIZE'
  | 'CONSISTENCY_PROOF_LENGTH'
  | 'CONSISTENCY_ROOT_MISMATCH'
  | 'VKEY_MALFORMED'
  | 'KEY_TYPE'
  | 'KEY_AMBIGUOUS'
  | 'NOTE_MALFORMED'
  | 'NOTE_SIGNATURE_INVALID'
  | 'NOTE_UNSIGNED'
  | 'CHECKPOINT_MALFORMED'
  | 'CHECKPOINT_ORIGIN'
  | 'COSIGNATURE_INVALID'
  | 'COSIGNATURE_TIME'
  | 'QUORUM_NOT_MET'
  | 'QUORUM_STALE'
  | 'PROOF_MALFORMED'
  | 'TILE_MALFORMED'
  | 'ENTRY_BUNDLE_MALFORMED'
  | 'REQUEST_MALFORMED'
  | 'POLICY_MALFORMED'

/** Evidence from another party does not prove what it claims. */
export class VerificationError extends Error {
  override readonly name = 'VerificationError'
  readonly code: VerificationCode

  constructor(code: VerificationCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
