import { hmac } from '@noble/hashes/hmac.js'
import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js'
import { concatBytes, toBase64url } from './bytes.ts'
import { canonicalBytes } from './canonical-json.ts'

/** SHA-256 of a byte string, 32 bytes. Injected where speed matters; every implementation gives the same bytes. */
export type Hash = (bytes: Uint8Array) => Uint8Array

export const sha256: Hash = (bytes) => nobleSha256(bytes)

/** HMAC-SHA-256, 32 bytes. @param hash where speed matters; then the key has at most 64 bytes @see RFC 2104 */
export function hmacSha256(key: Uint8Array, message: Uint8Array, hash?: Hash): Uint8Array {
  if (hash === undefined || key.length > BLOCK) return hmac(nobleSha256, key, message)
  return hash(concatBytes(padded(key, 0x5c), hash(concatBytes(padded(key, 0x36), message))))
}
const BLOCK = 64

function padded(key: Uint8Array, pad: number): Uint8Array {
  const block = new Uint8Array(BLOCK).fill(pad)
  for (const [i, byte] of key.entries()) block[i] = byte ^ pad
  return block
}

/** Base64url SHA-256 over the canonical form of a value: how documents are named. */
export const digestOf = (value: unknown, hash: Hash = sha256): string =>
  toBase64url(hash(canonicalBytes(value)))
