import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto'
import { fromBase64url, fromUtf8, toBase64url, utf8 } from '@entente/schema'

/**
 * Compact JWE to an X25519 key: ECDH-ES with direct agreement, A256GCM. Whoever has the private key can read it with any JOSE
 * library; this node cannot.
 * @param publicKey 32 bytes
 * @param said what stands in the header for everybody to read: `kid`, which key it is for
 * @see RFC 7516, section 3.1; RFC 8037, section 3.2; RFC 7518, sections 4.6 and 5.3
 */
export function encryptTo(
  publicKey: Uint8Array,
  plaintext: Uint8Array,
  said: { readonly kid?: string } = {},
): string {
  const to = publicOf(toBase64url(publicKey))
  const once = generateKeyPairSync('x25519')
  const { x } = once.publicKey.export({ format: 'jwk' })
  const header = { alg: 'ECDH-ES', enc: 'A256GCM', epk: { kty: 'OKP', crv: 'X25519', x }, ...said }
  const protectedHeader = toBase64url(utf8(JSON.stringify(header)))
  const key = agree(once.privateKey, to)
  const iv = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', key, iv)
  cipher.setAAD(utf8(protectedHeader))
  const text = Buffer.concat([cipher.update(plaintext), cipher.final()])
  return [protectedHeader, '', ...[iv, text, cipher.getAuthTag()].map(toBase64url)].join('.')
}

/** @param privateKey of type `x25519` @returns null when it is no such JWE, or not for this key */
export function decryptWith(privateKey: KeyObject, jwe: string): Uint8Array | null {
  const [header = '', wrapped, ...rest] = jwe.trim().split('.')
  const [iv, text, tag] = rest.map(fromBase64url)
  if (wrapped !== '' || iv?.length !== 12 || tag?.length !== 16 || text == null) return null
  try {
    const said = JSON.parse(fromUtf8(fromBase64url(header) ?? new Uint8Array())) as Header
    const { alg, enc, epk } = said
    if (alg !== 'ECDH-ES' || enc !== 'A256GCM' || typeof epk?.x !== 'string') return null
    const decipher = createDecipheriv('aes-256-gcm', agree(privateKey, publicOf(epk.x)), iv)
    decipher.setAAD(utf8(header))
    decipher.setAuthTag(tag)
    return Buffer.concat([decipher.update(text), decipher.final()])
  } catch {
    return null
  }
}
/** The `kid` that a compact JWE says it is encrypted to; null when it says none, or is no JWE. */
export function keyIdOf(jwe: string): string | null {
  try {
    const header = JSON.parse(fromUtf8(fromBase64url(jwe.split('.')[0] ?? '') ?? new Uint8Array()))
    return typeof header?.kid === 'string' ? header.kid : null
  } catch {
    return null
  }
}
type Header = {
  readonly alg?: string
  readonly enc?: string
  readonly epk?: { readonly x?: string }
}

const publicOf = (x: string): KeyObject =>
  createPublicKey({ key: { kty: 'OKP', crv: 'X25519', x }, format: 'jwk' })

/** One round of the Concat KDF: 256 bits for A256GCM, no party information. @see RFC 7518, section 4.6.2 */
function agree(privateKey: KeyObject, publicKey: KeyObject): Buffer {
  const secret = diffieHellman({ privateKey, publicKey })
  const name = utf8('A256GCM')
  const info = [u32(1), secret, u32(name.length), name, u32(0), u32(0), u32(256)]
  return createHash('sha256').update(Buffer.concat(info)).digest()
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
