import { scrypt } from '@noble/hashes/scrypt.js'
import { concatBytes, utf8 } from '../bytes.ts'

/** One side of a pairing: its root, and the random bytes that it has put into the ceremony. */
export interface PairingSide {
  /** Ed25519 public key, 32 bytes. */
  readonly root: Uint8Array
  readonly nonce: Uint8Array
}

/**
 * 32 bytes that both sides compute and compare as words: of the inviting root and nonce, then of the accepting ones. The second
 * nonce is made after the first side is known, so whoever stands between must find a second text with the same words, not two of his
 * own choice; scrypt (RFC 7914, N = 2^14, r = 8) makes each trial cost 16 MiB.
 */
export function pairingCode(inviting: PairingSide, accepting: PairingSide): Uint8Array {
  const sides = concatBytes(inviting.root, inviting.nonce, accepting.root, accepting.nonce)
  return scrypt(sides, utf8('entente-pairing-code/1'), { N: 2 ** 14, r: 8, p: 1, dkLen: 32 })
}
