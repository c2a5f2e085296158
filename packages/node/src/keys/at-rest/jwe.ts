import { createCipheriv, createDecipheriv, hash, pbkdf2Sync, randomBytes } from 'node:crypto'
import { fromBase64url, fromUtf8, toBase64url, utf8 } from '@entente/schema'
import { z } from 'zod'

/**
 * Rounds of PBKDF2 with HMAC-SHA-512, as the OWASP password storage cheat sheet has them: a good tenth of a second for each try.
 * @see RFC 7518, section 4.8.1.2
 */
const ROUNDS = 210_000
let rounds = ROUNDS
/** A file that asks for more was not written by us, and would hold up whoever opens it. */
const MOST_ROUNDS = 10_000_000

const PassphraseHeader = z.strictObject({
  alg: z.literal('PBES2-HS512+A256KW'),
  enc: z.literal('A256GCM'),
  p2c: z.int().min(1_000).max(MOST_ROUNDS),
  p2s: z.string().min(11).max(86),
})
const KeyHeader = z.strictObject({
  alg: z.literal('dir'),
  enc: z.literal('A256GCM'),
  kid: z.string().length(43),
})
const Header = z.union([PassphraseHeader, KeyHeader])
export type JweHeader = z.infer<typeof Header>

/** Tests of everything else than the passphrase take fewer; null: as many as there should be. */
export const setRounds = (fewer: number | null): void => {
  rounds = fewer ?? ROUNDS
}

/** A file that holds a compact JWE begins so: its header is JSON. */
export const isJwe = (text: string): boolean => text.startsWith('eyJ')

/**
 * Compact JWE under a passphrase: PBES2-HS512+A256KW, A256GCM. Any JOSE library opens it with the passphrase.
 * @see RFC 7516, section 3.1; RFC 7518, sections 4.8 and 5.3
 */
export function encryptWithPassphrase(passphrase: string, plaintext: Uint8Array): string {
  const salt = randomBytes(16)
  const { alg, enc } = { alg: 'PBES2-HS512+A256KW', enc: 'A256GCM' } as const
  const header = encodeHeader({ alg, enc, p2c: rounds, p2s: toBase64url(salt) })
  const key = randomBytes(32)
  const wrap = createCipheriv('id-aes256-wrap', keyOf(passphrase, salt, rounds), wrapIv)
  const wrapped = Buffer.concat([wrap.update(key), wrap.final()])
  return seal(header, wrapped, key, plaintext)
}

/** Compact JWE under a key of 32 bytes: `dir`, A256GCM; `kid` says which key. */
export function encryptWithKey(key: Uint8Array, plaintext: Uint8Array): string {
  const header = encodeHeader({ alg: 'dir', enc: 'A256GCM', kid: keyId(key) })
  return seal(header, new Uint8Array(), key, plaintext)
}

/** @returns null when the header is not one that we write */
export function headerOf(jwe: string): JweHeader | null {
  const [text = ''] = jwe.split('.')
  try {
    const header = Header.parse(JSON.parse(fromUtf8(fromBase64url(text) ?? new Uint8Array())))
    return encodeHeader(header) === text ? header : null
  } catch {
    return null
  }
}

/** @returns null: another passphrase, or a changed file */
export function decryptWithPassphrase(passphrase: string, jwe: string): Uint8Array | null {
  const header = headerOf(jwe)
  const [, wrapped = ''] = jwe.split('.')
  const bytes = fromBase64url(wrapped)
  if (header?.alg !== 'PBES2-HS512+A256KW' || bytes?.length !== 40) return null
  const salt = fromBase64url(header.p2s)
  if (salt === null) return null
  try {
    const key = keyOf(passphrase, salt, header.p2c)
    const unwrap = createDecipheriv('id-aes256-wrap', key, wrapIv)
    return open(jwe, Buffer.concat([unwrap.update(bytes), unwrap.final()]))
  } catch {
    return null
  }
}

/** @returns null: another key, or a changed file */
export function decryptWithKey(key: Uint8Array, jwe: string): Uint8Array | null {
  const header = headerOf(jwe)
  return header?.alg === 'dir' && jwe.split('.')[1] === '' ? open(jwe, key) : null
}

/** Thumbprint of a symmetric key: says which it is, and nothing about it. @see RFC 7638 */
export const keyId = (key: Uint8Array): string =>
  toBase64url(hash('sha256', utf8(`{"k":"${toBase64url(key)}","kty":"oct"}`), 'buffer'))

const wrapIv = Buffer.alloc(8, 0xa6)

const encodeHeader = (header: JweHeader): string => {
  const members = Object.entries(header).sort(([a], [b]) => (a < b ? -1 : 1))
  return toBase64url(utf8(JSON.stringify(Object.fromEntries(members))))
}

/** NFC, so that a passphrase is the same on every keyboard. @see RFC 7518, section 4.8.1.1 for the salt */
const keyOf = (passphrase: string, salt: Uint8Array, rounds: number): Buffer =>
  pbkdf2Sync(
    utf8(passphrase.normalize('NFC')),
    Buffer.concat([utf8('PBES2-HS512+A256KW'), Buffer.alloc(1), salt]),
    rounds,
    32,
    'sha512',
  )

function seal(header: string, wrapped: Uint8Array, key: Uint8Array, plaintext: Uint8Array): string {
  const iv = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', key, iv)
  cipher.setAAD(utf8(header))
  const text = Buffer.concat([cipher.update(plaintext), cipher.final()])
  return [header, ...[wrapped, iv, text, cipher.getAuthTag()].map(toBase64url)].join('.')
}

function open(jwe: string, key: Uint8Array): Uint8Array | null {
  const [header = '', , ...rest] = jwe.split('.')
  const [iv, text, tag] = rest.map(fromBase64url)
  if (rest.length !== 3 || iv?.length !== 12 || tag?.length !== 16 || text == null) return null
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, iv)
    decipher.setAAD(utf8(header))
    decipher.setAuthTag(tag)
    return Buffer.concat([decipher.update(text), decipher.final()])
  } catch {
    return null
  }
}
