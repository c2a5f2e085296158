import { createPrivateKey, createPublicKey, sign } from 'node:crypto'
import { createVerifierKey, KEY_TYPE, type KeyType, type Signer } from '@entente/tlog'
import { createRandom } from '../simulation/random.ts'

const pkcs8 = Buffer.from('302e020100300506032b657004220420', 'hex')

/** An Ed25519 key that is always the same for its name. */
export function keyOf(name: string) {
  const der = Buffer.concat([pkcs8, createRandom(`key ${name}`).bytes(32)])
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
  return {
    publicKey: new Uint8Array(
      createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(12),
    ),
    sign: (message: Uint8Array) => new Uint8Array(sign(null, message, key)),
  }
}

export function signerOf(name: string, type: KeyType = KEY_TYPE.ed25519): Signer {
  const { publicKey, sign } = keyOf(name)
  return { key: createVerifierKey(name, type, publicKey), sign }
}
