import {
  createPrivateKey,
  generateKeyPairSync,
  type KeyObject,
  type KeyPairKeyObjectResult,
} from 'node:crypto'
import { fromBase64url, toBase64url } from '@entente/schema'
import { createEd25519Signer, type Ed25519Signer } from '../adapters/ed25519.ts'
import { readSecret, writeNewSecret } from '../keys/at-rest/secret-file.ts'
import { SetupError } from './setup-error.ts'

/**
 * Makes a private key and writes it as PKCS#8 PEM, mode 0600, where no file is yet: encrypted under the passphrase when one is given, else
 * under the key of its folder where that has one.
 * @see RFC 8410
 * @throws {SetupError} `KEY_EXISTS`, `PASSPHRASE_MISSING`, `PASSPHRASE_WRONG`
 */
export function writeNewKey(
  path: string,
  type: 'ed25519' | 'x25519',
  passphrase?: string | null,
): KeyObject {
  const { privateKey }: KeyPairKeyObjectResult =
    type === 'ed25519' ? generateKeyPairSync('ed25519') : generateKeyPairSync('x25519')
  writeNewSecret(path, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), passphrase)
  return privateKey
}

/** Writes symmetric key bytes as one line of base64url, as {@link writeNewKey} does. */
export function writeNewBytes(path: string, bytes: Uint8Array): void {
  writeNewSecret(path, `${toBase64url(bytes)}\n`)
}

/**
 * Reads an Ed25519 private key.
 * @throws {SetupError} `KEY_MISSING`, `KEY_EXPOSED` (others may read it), `KEY_FORM`, `PASSPHRASE_MISSING`, `PASSPHRASE_WRONG`
 */
export function readKey(path: string): KeyObject {
  return readKeyOf(path, 'ed25519')
}

/** Reads an X25519 private key, such as a nation's recovery key. @throws as {@link readKey} */
export function readRecoveryKey(path: string): KeyObject {
  return readKeyOf(path, 'x25519')
}

function readKeyOf(path: string, type: 'ed25519' | 'x25519'): KeyObject {
  const text = readSecret(path)
  let key: KeyObject
  try {
    key = createPrivateKey(text)
  } catch (error) {
    throw new SetupError('KEY_FORM', `${path} is not a PKCS#8 PEM key`, { cause: error })
  }
  if (key.asymmetricKeyType !== type)
    throw new SetupError(
      'KEY_FORM',
      `${path} holds a key of type ${key.asymmetricKeyType}, not ${type}`,
    )
  return key
}

/** Signer of a key file, such as a nation's root or a policy authority. @throws as {@link readKey} */
export function readSigner(path: string): Ed25519Signer {
  return createEd25519Signer(readKey(path))
}

/** Private key seed, 32 bytes. @see RFC 8032, section 5.1.5 */
export function seedOf(key: KeyObject): Uint8Array {
  return new Uint8Array(Buffer.from(key.export({ format: 'jwk' }).d ?? '', 'base64url'))
}

/** @throws as {@link readKey} */
export function readBytes(path: string, sizeBytes: number): Uint8Array {
  const bytes = fromBase64url(readSecret(path).trimEnd())
  if (bytes?.length !== sizeBytes)
    throw new SetupError('KEY_FORM', `${path} is not ${sizeBytes} bytes of base64url`)
  return bytes
}
