import { hmac } from '@noble/hashes/hmac.js'
import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js'
import { toBase64url } from './bytes.ts'
import { canonicalBytes } from './canonical-json.ts'

/** SHA-256 of a byte string, 32 bytes. Injected where speed matters; every implementation gives the same bytes. */
export type Hash = (bytes: Uint8Array) => Uint8Array

export const sha256: Hash = (bytes) => nobleSha256(bytes)

/** HMAC-SHA-256, 32 bytes. @see RFC 2104 */
export const hmacSha256 = (key: Uint8Array, message: Uint8Array): Uint8Array =>
  hmac(nobleSha256, key, message)

/** Base64url SHA-256 over the canonical form of a value: how documents are named. */
export const digestOf = (value: unknown, hash: Hash = sha256): string =>
  toBase64url(hash(canonicalBytes(value)))
