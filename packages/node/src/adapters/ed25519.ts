import { createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import { type Sign, toBase64url, type Verify } from '@entente/schema'

/** Holder of an Ed25519 private key; the key itself stays inside. */
export interface Ed25519Signer {
  /** Signature, 64 bytes. */
  readonly sign: Sign
  /** 32 bytes. */
  readonly publicKey: Uint8Array
}

/** @param privateKey of type `ed25519` */
export function createEd25519Signer(privateKey: KeyObject): Ed25519Signer {
  return {
    sign: (message) => new Uint8Array(sign(null, message, privateKey)),
    publicKey: rawPublicKey(privateKey),
  }
}

/** Raw public key, 32 bytes, of an Ed25519 or X25519 private key. @see RFC 8037, section 2 */
export function rawPublicKey(privateKey: KeyObject): Uint8Array {
  const { x } = createPublicKey(privateKey).export({ format: 'jwk' })
  return new Uint8Array(Buffer.from(x ?? '', 'base64url'))
}

/** Keys kept ready. A roster holds a few hundred at most. */
const MAX_KEYS = 1024
const known = new Map<string, KeyObject>()

/** Ed25519 check by OpenSSL: 32-byte key, 64-byte signature. Whatever is malformed is false, never thrown. */
export const verifyEd25519: Verify = (publicKey, message, signature) => {
  if (publicKey.length !== 32 || signature.length !== 64) return false
  try {
    return verify(null, message, keyObjectOf(publicKey), signature)
  } catch {
    return false
  }
}

function keyObjectOf(publicKey: Uint8Array): KeyObject {
  const x = toBase64url(publicKey)
  const kept = known.get(x)
  if (kept !== undefined) return kept
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })
  const oldest = known.size >= MAX_KEYS ? known.keys().next().value : undefined
  if (oldest !== undefined) known.delete(oldest)
  known.set(x, key)
  return key
}
