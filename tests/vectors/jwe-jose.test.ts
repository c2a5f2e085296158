import { generateKeyPairSync } from 'node:crypto'
import { decryptWith, encryptTo } from '@entente/node/testing'
import { fromBase64url } from '@entente/schema'
import { CompactEncrypt, compactDecrypt } from 'jose'
import { expect, test } from 'vitest'

const { privateKey, publicKey } = generateKeyPairSync('x25519')
const raw = fromBase64url(publicKey.export({ format: 'jwk' }).x ?? '') ?? new Uint8Array()
const text = new TextEncoder().encode('what opens a leaf')

test('jose reads what we encrypt', async () => {
  const { plaintext } = await compactDecrypt(encryptTo(raw, text), privateKey)
  expect(new Uint8Array(plaintext)).toEqual(text)
})

test('we read what jose encrypts', async () => {
  const jwe = await new CompactEncrypt(text)
    .setProtectedHeader({ alg: 'ECDH-ES', enc: 'A256GCM' })
    .encrypt(publicKey)
  expect(new Uint8Array(decryptWith(privateKey, jwe) ?? [])).toEqual(text)
})

test('no byte of it can be changed, and another key reads nothing', () => {
  const jwe = encryptTo(raw, text)
  expect(decryptWith(generateKeyPairSync('x25519').privateKey, jwe)).toBe(null)
  for (let i = 0; i < jwe.length; i++) {
    const changed = `${jwe.slice(0, i)}${jwe[i] === 'A' ? 'B' : 'A'}${jwe.slice(i + 1)}`
    const read = decryptWith(privateKey, changed)
    // The last bits of base64url may say nothing: such a text is not canonical, and is refused as well.
    expect(read).toBe(null)
  }
})
