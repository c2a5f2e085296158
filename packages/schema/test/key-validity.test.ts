import { describe, expect, test } from 'vitest'
import { toBase64url } from '../src/bytes.ts'
import { certificateType } from '../src/certificate.ts'
import { signJws } from '../src/jws.ts'
import {
  type Revocation,
  revocationType,
  statementKeyAt,
  unrevokedKeys,
} from '../src/key-validity.ts'
import { nationsDigest, openRoster, RosterError, witnessPolicyType } from '../src/roster.ts'
import { signerOf, verifyEd25519 } from './signers.ts'

const root = signerOf(1)
const keys = [10, 11, 12].map((seed) => toBase64url(signerOf(seed).publicKey)) as [
  string,
  string,
  string,
]
const log = 'usa.entente.example/release-log/1'
const next = 'usa.entente.example/release-log/2'
const witnessKey = 'usa.entente.example/witness/1+0+key'

const node = (serial: number, change: Record<string, unknown> = {}) => ({
  role: 'node',
  nation: 'USA',
  serial,
  name: 'USA node',
  key: keys[0],
  peerId: '12D3KooWexercise0000000000',
  origin: log,
  logKey: 'log key',
  witnessKey,
  encryptionKey: toBase64url(new Uint8Array(32)),
  endpoints: [],
  from: 0,
  ...change,
})
const revoked = (change: Partial<Revocation> = {}): Revocation => ({
  nation: 'USA',
  origin: log,
  key: keys[0],
  lastGood: 4,
  at: 1,
  reason: 'stolen',
  ...change,
})

function open(nodes: readonly object[], revocations: readonly object[] = [], signer = root) {
  const file = {
    nation: 'USA',
    organisation: 'Exercise',
    root: toBase64url(root.publicKey),
    policyQuorum: 1,
    certificates: nodes.map((each) => signJws(certificateType, each, root.sign)),
    ...(revocations.length > 0 && {
      revocations: revocations.map((each) => signJws(revocationType, each, signer.sign)),
    }),
  }
  const witnessPolicy = {
    number: 1,
    nations: nationsDigest([file]),
    witnesses: [{ nation: 'USA', key: witnessKey }],
    quorum: 1,
    toleranceMs: 0,
    freshnessMs: 0,
  }
  const signatures = { USA: signJws(witnessPolicyType, witnessPolicy, root.sign) }
  const { members } = openRoster({ nations: [file], witnessPolicy, signatures }, verifyEd25519)
  const usa = members.get('USA')
  if (usa === undefined) throw new Error('no USA')
  return usa
}

const rotated = [node(1), node(3, { key: keys[1], from: 10 })]

test.each<[index: number, key: number]>([
  [0, 0],
  [9, 0],
  [10, 1],
  [1_000_000, 1],
])('leaf %i is signed by the key whose range holds it', (index, key) => {
  const found = statementKeyAt(open(rotated), log, index)
  expect(found?.certificate.key).toBe(keys[key])
  expect(found?.revoked).toBeNull()
})

test.each<[what: string, revocations: Revocation[], index: number, refused: boolean]>([
  ['the last good leaf', [revoked()], 4, false],
  ['the leaf after it', [revoked()], 5, true],
  ['the last leaf of the old key', [revoked()], 9, true],
  ['the first leaf of the new key', [revoked()], 10, false],
  ['leaf 0, when none is good', [revoked({ lastGood: null })], 0, true],
  ['a leaf between two last good ones', [revoked(), revoked({ lastGood: 2 })], 3, true],
  [
    'a leaf of the new key, when that is revoked',
    [revoked({ key: keys[1], lastGood: 11 })],
    12,
    true,
  ],
])('a revocation, at %s', (_, revocations, index, refused) => {
  expect(statementKeyAt(open(rotated, revocations), log, index)?.revoked !== null).toBe(refused)
})

test('keys of one log say nothing of another', () => {
  const usa = open(
    [...rotated, node(4, { origin: next, logKey: 'other', key: keys[2] })],
    [revoked()],
  )
  expect(statementKeyAt(usa, log, 11)?.certificate.key).toBe(keys[1])
  expect(statementKeyAt(usa, next, 11)?.certificate.key).toBe(keys[2])
  expect(statementKeyAt(usa, 'gbr.entente.example/release-log/1', 0)).toBeNull()
  expect(usa.node.origin).toBe(next)
})

test('what is no leaf may be signed by any key that is not revoked, the newest first', () => {
  expect(unrevokedKeys(open(rotated))).toEqual([keys[1], keys[0]])
  expect(unrevokedKeys(open(rotated, [revoked()]))).toEqual([keys[1]])
})

describe('a roster is refused', () => {
  const code = (work: () => unknown): string => {
    try {
      work()
    } catch (error) {
      if (error instanceof RosterError) return error.code
      throw error
    }
    return 'opened'
  }
  test.each<[what: string, make: () => unknown, code: string]>([
    [
      'whose serials do not rise',
      () => open([node(3), node(1, { key: keys[1], from: 9 })]),
      'ROSTER_KEYS',
    ],
    ['whose ranges do not rise', () => open([node(1), node(2, { key: keys[1] })]), 'ROSTER_KEYS'],
    ['whose first leaves nobody signs', () => open([node(1, { from: 3 })]), 'ROSTER_KEYS'],
    [
      'that changes the key of a log',
      () => open([node(1), node(2, { from: 9, logKey: 'other' })]),
      'ROSTER_KEYS',
    ],
    [
      'that revokes a key nobody has',
      () => open(rotated, [revoked({ key: keys[2] })]),
      'ROSTER_KEYS',
    ],
    [
      'with a revocation of another nation',
      () => open(rotated, [revoked({ nation: 'GBR' })]),
      'ROSTER_KEYS',
    ],
    [
      'with a revocation that another key signed',
      () => open(rotated, [revoked()], signerOf(10)),
      'ROSTER_CERTIFICATE',
    ],
  ])('%s', (_, make, wanted) => {
    expect(code(make)).toBe(wanted)
  })
})
