import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto'
import type { Sign, Verify } from '../src/jws.ts'

// RFC 8410, section 7: an Ed25519 private key in PKCS #8, before its 32-byte seed; and a public key in SPKI.
const pkcs8 = Buffer.from('302e020100300506032b657004220420', 'hex')
const spki = Buffer.from('302a300506032b6570032100', 'hex')

/** An Ed25519 key from a seed of one repeated byte: the same in every run. */
export function signerOf(byte: number): { readonly sign: Sign; readonly publicKey: Uint8Array } {
  const key = createPrivateKey({
    key: Buffer.concat([pkcs8, Buffer.alloc(32, byte)]),
    format: 'der',
    type: 'pkcs8',
  })
  const der = createPublicKey(key).export({ format: 'der', type: 'spki' })
  return {
    sign: (message) => new Uint8Array(sign(null, message, key)),
    publicKey: new Uint8Array(der.subarray(spki.length)),
  }
}

export const verifyEd25519: Verify = (publicKey, message, signature) =>
  verify(
    null,
    message,
    { key: Buffer.concat([spki, publicKey]), format: 'der', type: 'spki' },
    signature,
  )
