import {
  concatBytes,
  hmacSha256,
  type StatementKind,
  sha256,
  toBase64url,
  utf8,
} from '@entente/schema'

/** A signed statement with the salt that hides it in the log. */
export interface Leaf {
  readonly kind: StatementKind
  readonly jws: string
  /** 32 random bytes, stored beside the statement and never derived from it. */
  readonly salt: Uint8Array
  readonly atMs: number
  readonly feed: string | null
  readonly seq: number | null
}

/** Log entry: `0x01 || HMAC-SHA-256(salt, statement)`. All kinds look alike. */
export const entryOf = (jws: string, salt: Uint8Array): Uint8Array =>
  concatBytes(Uint8Array.of(1), hmacSha256(salt, utf8(jws)))

/** How statements name one another: base64url SHA-256 of the exact JWS. */
export const statementHash = (jws: string): string => toBase64url(sha256(utf8(jws)))
