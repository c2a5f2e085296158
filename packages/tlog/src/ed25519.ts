import { ed25519 } from '@noble/curves/ed25519.js'

/** True if the signature (64 bytes) over the message verifies under the public key (32 bytes). Never throws. */
export type Ed25519Verify = (
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
) => boolean

/** Ed25519 in JavaScript: canonical encodings only, S below the group order. @see RFC 8032, section 5.1.7 */
export const verifyEd25519: Ed25519Verify = (publicKey, message, signature) => {
  if (publicKey.length !== 32 || signature.length !== 64) return false
  try {
    return ed25519.verify(signature, message, publicKey, { zip215: false })
  } catch {
    // A public key that is no point of the curve throws; it verifies nothing.
    return false
  }
}
