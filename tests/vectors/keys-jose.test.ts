import { randomBytes } from 'node:crypto'
import {
  decryptWithKey,
  decryptWithPassphrase,
  encryptWithKey,
  encryptWithPassphrase,
  setRounds,
} from '@entente/node/testing'
import { utf8 } from '@entente/schema'
import { CompactEncrypt, compactDecrypt } from 'jose'
import { afterAll, expect, test } from 'vitest'

// Our JWE of key files is our own few lines (docs/decisions/keys-at-rest.md); `jose` is the second opinion.
const text = utf8('-----BEGIN PRIVATE KEY-----\n')
const passphrase = 'entschlüsselt nur hier'
const key = new Uint8Array(randomBytes(32))
// Few rounds: this is about the format.
const rounds = 1_000
setRounds(rounds)
afterAll(() => setRounds(null))
const algorithms = { keyManagementAlgorithms: ['PBES2-HS512+A256KW', 'dir'] }

test('jose opens what we encrypt under a passphrase, and under a key', async () => {
  const one = encryptWithPassphrase(passphrase, text)
  const other = encryptWithKey(key, text)
  const opened = await compactDecrypt(one, utf8(passphrase), algorithms)
  expect(new Uint8Array(opened.plaintext)).toEqual(text)
  expect(opened.protectedHeader).toMatchObject({ alg: 'PBES2-HS512+A256KW', p2c: rounds })
  expect(new Uint8Array((await compactDecrypt(other, key, algorithms)).plaintext)).toEqual(text)
})

test('we open what jose encrypts under a passphrase, spelt as ours', async () => {
  const jwe = await new CompactEncrypt(text)
    .setProtectedHeader({ alg: 'PBES2-HS512+A256KW', enc: 'A256GCM' })
    .setKeyManagementParameters({ p2c: rounds })
    .encrypt(utf8(passphrase))
  expect(new Uint8Array(decryptWithPassphrase(passphrase, jwe) ?? [])).toEqual(text)
})

test('no byte of either can be changed, and nothing else opens them', () => {
  const byPassphrase = encryptWithPassphrase(passphrase, text)
  const byKey = encryptWithKey(key, text)
  expect(decryptWithPassphrase(`${passphrase} `, byPassphrase)).toBe(null)
  expect(decryptWithPassphrase(passphrase, byKey)).toBe(null)
  expect(decryptWithKey(new Uint8Array(32), byKey)).toBe(null)
  for (const [jwe, open] of [
    [byPassphrase, (changed: string) => decryptWithPassphrase(passphrase, changed)],
    [byKey, (changed: string) => decryptWithKey(key, changed)],
  ] as const)
    for (let i = 0; i < jwe.length; i++) {
      const changed = `${jwe.slice(0, i)}${jwe[i] === 'A' ? 'B' : 'A'}${jwe.slice(i + 1)}`
      expect(open(changed), `character ${i}`).toBe(null)
    }
})
