import { formatBase64, parseBase64 } from './base64.ts'
import { concatBytes, formatHex, formatUtf8, quote } from './bytes.ts'
import { sha256 } from './hash.ts'
import { VerificationError } from './verification-error.ts'

/** What a key may sign. The type byte is hashed into the key ID, so one use cannot be passed off as the other. */
export const KEY_TYPE = { ed25519: 0x01, cosignature: 0x04 } as const
export type KeyType = (typeof KEY_TYPE)[keyof typeof KEY_TYPE]

/** A public key that verifies lines of signed notes, known by its name and key ID. */
export interface VerifierKey {
  /** Not empty, without white space or `+`. */
  readonly name: string
  /** 8 lower-case hex digits. */
  readonly keyId: string
  readonly type: KeyType
  /** Ed25519, 32 bytes. */
  readonly publicKey: Uint8Array
}

/** Holder of a private key. The key itself never enters this package. */
export interface Signer {
  readonly key: VerifierKey
  /** Ed25519 signature, 64 bytes. */
  readonly sign: (message: Uint8Array) => Uint8Array
}

/**
 * A verifier key with its key ID worked out.
 * @throws {VerificationError} `VKEY_MALFORMED`
 * @see C2SP signed-note, section Verifier keys
 */
export function createVerifierKey(name: string, type: KeyType, publicKey: Uint8Array): VerifierKey {
  if (!isKeyName(name)) throw malformed(name)
  if (publicKey.length !== 32) throw malformed(`${name}, ${publicKey.length} bytes`)
  const input = concatBytes(formatUtf8(name), Uint8Array.of(0x0a, type), publicKey)
  return { name, keyId: formatHex(sha256(input).subarray(0, 4)), type, publicKey }
}

/** `<name>+<key ID in hex>+<base64 of type and public key>`. */
export function formatVerifierKey(key: VerifierKey): string {
  const body = concatBytes(Uint8Array.of(key.type), key.publicKey)
  return `${key.name}+${key.keyId}+${formatBase64(body)}`
}

/**
 * Reads a verifier key (vkey) of a type that this package verifies.
 * @throws {VerificationError} `VKEY_MALFORMED`, also for other types and a key ID that does not belong to the key
 */
export function parseVerifierKey(text: string): VerifierKey {
  const [name = '', keyId, ...body] = text.split('+')
  const bytes = parseBase64(body.join('+'), 'VKEY_MALFORMED')
  const type = Object.values(KEY_TYPE).find((known) => known === bytes[0])
  if (type === undefined) throw malformed(text)
  const key = createVerifierKey(name, type, bytes.slice(1))
  if (key.keyId !== keyId) throw malformed(text)
  return key
}

/** True for a name that can stand in a signature line. */
export function isKeyName(name: string): boolean {
  return name.isWellFormed() && /^[^\s+\p{Cc}]+$/u.test(name)
}

/** @throws {VerificationError} `KEY_TYPE` */
export function checkKeyType(key: VerifierKey, type: KeyType): void {
  if (key.type !== type) {
    throw new VerificationError('KEY_TYPE', `key ${key.name} has type ${key.type}, not ${type}`)
  }
}

function malformed(text: string): VerificationError {
  return new VerificationError('VKEY_MALFORMED', `not a verifier key: ${quote(text)}`)
}
