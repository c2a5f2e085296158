import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js'

/** SHA-256 of the whole input. Hand in a platform's own where speed counts; it must not keep its input. */
export type Sha256 = (data: Uint8Array) => Uint8Array

/** SHA-256 in JavaScript, for every platform. */
export const sha256: Sha256 = (data) => nobleSha256(data)

/** Root of the tree without leaves, SHA-256 of nothing. @see RFC 9162, section 2.1.1 */
export const EMPTY_ROOT: Uint8Array = sha256(new Uint8Array(0))

/** Hash of one entry as a leaf: SHA-256(0x00 ‖ entry). @see RFC 9162, section 2.1.1 */
export function leafHash(entry: Uint8Array, hash: Sha256 = sha256): Uint8Array {
  const input = new Uint8Array(1 + entry.length)
  input.set(entry, 1)
  return hash(input)
}

/** Hash of an inner node: SHA-256(0x01 ‖ left ‖ right), 32 bytes each. @see RFC 9162, section 2.1.1 */
export function nodeHash(left: Uint8Array, right: Uint8Array, hash: Sha256 = sha256): Uint8Array {
  const input = new Uint8Array(65)
  input[0] = 1
  input.set(left, 1)
  input.set(right, 33)
  return hash(input)
}
