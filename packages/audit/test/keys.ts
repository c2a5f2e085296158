import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import type { Sign, Verify } from '@entente/schema'

/** An Ed25519 key pair that is the same in every run. */
export interface TestKey {
  readonly publicKey: Uint8Array
  readonly base64url: string
  readonly sign: Sign
}

// RFC 8410: the DER prefix of a raw 32-byte Ed25519 key.
const privatePrefix = Buffer.from('302e020100300506032b657004220420', 'hex')
const publicPrefix = Buffer.from('302a300506032b6570032100', 'hex')

export function testKey(seed: Uint8Array): TestKey {
  const privateKey = createPrivateKey({
    key: Buffer.concat([privatePrefix, seed]),
    format: 'der',
    type: 'pkcs8',
  })
  const publicKey = new Uint8Array(
    createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(12),
  )
  return {
    publicKey,
    base64url: Buffer.from(publicKey).toString('base64url'),
    sign: (message) => new Uint8Array(sign(null, message, privateKey)),
  }
}

const known = new Map<string, KeyObject>()

/** Ed25519 of the platform; key objects are kept, since making one costs more than a check. */
export const platformVerify: Verify = (publicKey, message, signature) => {
  const id = Buffer.from(publicKey).toString('hex')
  const key =
    known.get(id) ??
    createPublicKey({
      key: Buffer.concat([publicPrefix, publicKey]),
      format: 'der',
      type: 'spki',
    })
  known.set(id, key)
  return verify(null, message, key, signature)
}
