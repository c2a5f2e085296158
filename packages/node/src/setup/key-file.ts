import {
  createPrivateKey,
  generateKeyPairSync,
  type KeyObject,
  type KeyPairKeyObjectResult,
} from 'node:crypto'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { fromBase64url, toBase64url } from '@entente/schema'
import { createEd25519Signer, type Ed25519Signer } from '../adapters/ed25519.ts'
import { SetupError } from './setup-error.ts'

/** Makes a private key and writes it as PKCS#8 PEM, mode 0600, where no file is yet. @see RFC 8410 */
export function writeNewKey(path: string, type: 'ed25519' | 'x25519'): KeyObject {
  const { privateKey }: KeyPairKeyObjectResult =
    type === 'ed25519' ? generateKeyPairSync('ed25519') : generateKeyPairSync('x25519')
  writeSecret(path, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString())
  return privateKey
}

/** Writes symmetric key bytes as one line of base64url, mode 0600, where no file is yet. */
export function writeNewBytes(path: string, bytes: Uint8Array): void {
  writeSecret(path, `${toBase64url(bytes)}\n`)
}

function writeSecret(path: string, text: string): void {
  try {
    writeFileSync(path, text, { mode: 0o600, flag: 'wx', flush: true })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    throw new SetupError('KEY_EXISTS', `${path} holds a key already; keys are never overwritten`)
  }
}

/**
 * Reads an Ed25519 private key.
 * @throws {SetupError} `KEY_MISSING`, `KEY_EXPOSED` (others may read it), `KEY_FORM`
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

function readSecret(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false })
  if (stat === undefined) throw new SetupError('KEY_MISSING', `the key ${path} is missing`)
  if (process.platform !== 'win32' && (stat.mode & 0o077) !== 0)
    throw new SetupError('KEY_EXPOSED', `others can read the key ${path}; run chmod 600 on it`)
  return readFileSync(path, 'utf8')
}
