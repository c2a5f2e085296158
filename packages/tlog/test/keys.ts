import { ed25519 } from '@noble/curves/ed25519.js'
import { createVerifierKey, KEY_TYPE, type KeyType, type Signer } from '../src/index.ts'

/** A key for tests, the same for the same name: published, never for use. */
export function testSigner(name: string, type: KeyType = KEY_TYPE.ed25519, seed = name): Signer {
  const secret = new Uint8Array(32).map((_, i) => seed.charCodeAt(i % seed.length) ^ i)
  return signerOf(name, type, secret)
}

/** The holder of a witness key. */
export function testWitness(name: string, seed = name): Signer {
  return testSigner(name, KEY_TYPE.cosignature, seed)
}

export function signerOf(name: string, type: KeyType, secret: Uint8Array): Signer {
  return {
    key: createVerifierKey(name, type, ed25519.getPublicKey(secret)),
    sign: (message) => ed25519.sign(message, secret),
  }
}
