import { z } from 'zod'
import { concatBytes, toBase64url, utf8 } from './bytes.ts'
import { canonicalJson, type Json } from './canonical-json.ts'
import { Digest } from './digest.ts'
import { digestOf, type Hash, hmacSha256, sha256 } from './hash.ts'
import { Kind } from './kinds/index.ts'
import { Caveat, Classification, OriginalMarking } from './label.ts'
import { Nation } from './nation.ts'
import { Envelope, FieldName, JsonValue, RecordId } from './record.ts'

export { Digest }

/** What this fragment needs on screen: level, caveats and markings as given, never a release list. */
export const Banner = z.strictObject({
  classification: Classification,
  caveats: z.array(Caveat).readonly(),
  original: z.array(OriginalMarking).min(1).readonly().optional(),
})

/** The signed-for part of a fragment; `sd` are the salted digests of the released fields, sorted. */
export const FragmentHead = z.strictObject({
  id: RecordId,
  kind: Kind,
  originator: Nation,
  asOf: Envelope.shape.asOf,
  validFrom: Envelope.shape.validFrom,
  validTo: Envelope.shape.validTo,
  status: Envelope.shape.status,
  handling: Envelope.shape.handling,
  banner: Banner,
  sd: z.array(Digest).min(1).max(256).readonly(),
})
export type FragmentHead = z.infer<typeof FragmentHead>

/** `[salt, field, value]`: 16-byte salt as base64url. @see RFC 9901, section 4.2.1 */
export const Disclosure = z.tuple([z.string().length(22), FieldName, JsonValue]).readonly()
export type Disclosure = z.infer<typeof Disclosure>

/**
 * What one recipient may have of one record. `consents`: another nation's record is handed on as it came, by these sealed consents
 * of its originator; then some of what the head commits to is not disclosed.
 */
export const Fragment = z.strictObject({
  head: FragmentHead,
  disclosures: z.array(Disclosure).min(1).max(256).readonly(),
  consents: z.array(z.string().max(65_536)).min(1).max(8).readonly().optional(),
})
export type Fragment = z.infer<typeof Fragment>

/** HMAC of the record id under the nation's fragment key: opened to auditors only, record by record. */
export const recordKeyOf = (fragmentKey: Uint8Array, record: string): Uint8Array =>
  hmacSha256(fragmentKey, utf8(record))

/** Salt of a released value: the same value of the same record always has the same salt, and nobody else can compute it. */
export function saltOf(
  recordKey: Uint8Array,
  field: string,
  value: Json,
  hash: Hash = sha256,
): string {
  const message = concatBytes(recordKey, utf8(field), zero, utf8(canonicalJson(value)))
  return toBase64url(hash(message).subarray(0, 16))
}
/**
 * How decision inputs name a record version: HMAC under the record key of the digest of the canonical record. Without
 * the key a version says nothing about the values in it, not even to who knows all but one.
 */
export const versionOf = (recordKey: Uint8Array, digest: string): string =>
  toBase64url(hmacSha256(recordKey, utf8(digest)))

const zero = new Uint8Array(1)

/** Digest of one disclosure: SHA-256 over the ASCII of its base64url form. @see RFC 9901, section 4.2.3 */
export const digestDisclosure = (disclosure: Disclosure, hash: Hash = sha256): string =>
  toBase64url(hash(utf8(toBase64url(utf8(canonicalJson(disclosure))))))

/** Digest of a fragment: SHA-256 over the canonical head. */
export const digestFragment = (head: FragmentHead, hash: Hash = sha256): string =>
  digestOf(head, hash)
