import { createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto'
import {
  type AuthorityCertificate,
  policySealType,
  signJws,
  toBase64url,
  type Verify,
} from '@entente/schema'
import { expect, test } from 'vitest'
import { openPolicy, PolicyError, sealOf } from '../src/seal.ts'
import { documentWith } from './fixtures.ts'

const document = documentWith()
const [first, second, stranger] = [authority(1), authority(2), authority(3)]
const authorities = [first.certificate, second.certificate]
const file = { policy: document, signatures: [first.seal(document)] }

test('opens a policy that enough authorities have sealed', () => {
  expect(openPolicy(file, authorities, check, 1).digest).toBe(sealOf(document).digest)
  const both = { ...file, signatures: [first.seal(document), second.seal(document)] }
  expect(openPolicy(both, authorities, check, 2).edition).toBe(1)
})

test('a seal names nation, edition, digest and interval', () => {
  expect(sealOf(document)).toEqual({
    nation: 'USA',
    edition: 1,
    digest: expect.stringMatching(/^[A-Za-z0-9_-]{43}$/),
    from: 1_767_225_600_000,
    until: 1_830_297_600_000,
  })
})

const longer = { ...document, until: '2029-01-01' }
test.each<[fault: string, input: unknown, quorum: number, code: string]>([
  ['is no policy file', { policy: document }, 1, 'POLICY_FORM'],
  ['has no seal', { ...file, signatures: [] }, 1, 'POLICY_UNSIGNED'],
  ['has no seal, even where none is asked for', { ...file, signatures: [] }, 0, 'POLICY_UNSIGNED'],
  ['has fewer seals than the quorum', file, 2, 'POLICY_UNSIGNED'],
  [
    'has the same seal twice',
    { ...file, signatures: [first.seal(document), first.seal(document)] },
    2,
    'POLICY_UNSIGNED',
  ],
  [
    'is sealed by a stranger',
    { ...file, signatures: [stranger.seal(document)] },
    1,
    'POLICY_SIGNATURE',
  ],
  [
    'has a stranger’s seal beside a good one',
    { ...file, signatures: [first.seal(document), stranger.seal(document)] },
    1,
    'POLICY_SIGNATURE',
  ],
  ['has a seal of garbage', { ...file, signatures: ['a.b.c'] }, 1, 'POLICY_SIGNATURE'],
  ['was changed after it was sealed', { ...file, policy: longer }, 1, 'POLICY_DIGEST'],
  [
    'has issues',
    {
      policy: { ...document, rules: [...document.rules, ...document.rules] },
      signatures: [first.seal({ ...document, rules: [...document.rules, ...document.rules] })],
    },
    1,
    'POLICY_INVALID',
  ],
])('refuses a file that %s', (_, input, quorum, code) => {
  expect(() => openPolicy(input, authorities, check, quorum)).toThrow(PolicyError)
  expect(() => openPolicy(input, authorities, check, quorum)).toThrow(
    expect.objectContaining({ code }),
  )
})

test('refuses the authority of another nation', () => {
  const foreign = { ...first.certificate, nation: 'GBR' }
  expect(() => openPolicy(file, [foreign], check, 1)).toThrow(
    expect.objectContaining({ code: 'POLICY_NATION' }),
  )
})

function authority(serial: number) {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const certificate: AuthorityCertificate = {
    role: 'policy-authority',
    nation: 'USA',
    serial,
    name: `authority ${serial}`,
    key: toBase64url(rawKey(publicKey)),
  }
  return {
    certificate,
    seal: (policy: typeof document) =>
      signJws(policySealType, sealOf(policy), (message) => sign(null, message, privateKey)),
  }
}

function rawKey(key: KeyObject): Uint8Array {
  return key.export({ format: 'der', type: 'spki' }).subarray(-32)
}

function check(...[key, message, signature]: Parameters<Verify>): boolean {
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: toBase64url(key) }
  return verify(null, message, createPublicKey({ key: jwk, format: 'jwk' }), signature)
}
