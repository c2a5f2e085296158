import { fromBase64url, fromUtf8, toBase64url, utf8 } from './bytes.ts'
import { canonicalJson, type Json, parseCanonical } from './canonical-json.ts'

/** Ed25519 over bytes, 64-byte signature. The private key stays with whoever hands this in. */
export type Sign = (message: Uint8Array) => Uint8Array
/** Ed25519 check: 32-byte public key, message, 64-byte signature. */
export type Verify = (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean

export type JwsCode = 'JWS_FORM' | 'JWS_TYPE' | 'JWS_SIGNATURE' | 'JWS_PAYLOAD'

/** A signed sentence that is malformed, of another kind, or not signed by the key it must be signed by. */
export class JwsError extends Error {
  override readonly name = 'JwsError'
  readonly code: JwsCode
  constructor(code: JwsCode, message: string) {
    super(message)
    this.code = code
  }
}

// The header is a constant per type: no key, no algorithm is ever taken from it.
const headerOf = (typ: string) => toBase64url(utf8(canonicalJson({ alg: 'EdDSA', typ })))

/** Signs a payload as compact JWS, EdDSA, over its RFC 8785 form. @see RFC 7515, RFC 8037 */
export function signJws(typ: string, payload: unknown, sign: Sign): string {
  const text = `${headerOf(typ)}.${toBase64url(utf8(canonicalJson(payload)))}`
  return `${text}.${toBase64url(sign(utf8(text)))}`
}

/**
 * Opens a compact JWS of the expected type with the key the caller chose.
 * @throws {JwsError} `JWS_FORM`, `JWS_TYPE`, `JWS_SIGNATURE`, `JWS_PAYLOAD` (not canonical JSON)
 */
export function openJws(jws: string, typ: string, publicKey: Uint8Array, verify: Verify): Json {
  const [header, body, tail, ...more] = jws.split('.')
  if (header === undefined || body === undefined || tail === undefined || more.length > 0)
    throw new JwsError('JWS_FORM', 'not a compact JWS of three parts')
  if (header !== headerOf(typ)) throw new JwsError('JWS_TYPE', `the JWS is not of type ${typ}`)
  const signature = fromBase64url(tail)
  if (signature?.length !== 64)
    throw new JwsError('JWS_FORM', 'the signature is not 64 bytes of base64url')
  if (!verify(publicKey, utf8(`${header}.${body}`), signature))
    throw new JwsError('JWS_SIGNATURE', `the signature of this ${typ} does not verify`)
  return payloadOf(body)
}

/** Reads type and payload without checking the signature: to find out whose key to open it with. */
export function peekJws(jws: string): { readonly typ: string; readonly payload: Json } {
  const [header, body, , ...more] = jws.split('.')
  if (header === undefined || body === undefined || more.length > 0)
    throw new JwsError('JWS_FORM', 'not a compact JWS of three parts')
  const decoded = payloadOf(header)
  const typ =
    decoded !== null && typeof decoded === 'object' && 'typ' in decoded ? decoded['typ'] : undefined
  if (typeof typ !== 'string') throw new JwsError('JWS_FORM', 'the JWS header names no type')
  return { typ, payload: payloadOf(body) }
}

function payloadOf(part: string): Json {
  const bytes = fromBase64url(part)
  if (bytes === null) throw new JwsError('JWS_FORM', 'a part of the JWS is not canonical base64url')
  try {
    return parseCanonical(fromUtf8(bytes))
  } catch {
    throw new JwsError('JWS_PAYLOAD', 'the payload is not canonical JSON')
  }
}
