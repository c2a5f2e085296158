import { describe, expect, test } from 'vitest'
import { toBase64url } from '../src/bytes.ts'
import { certificateType, DraftingCertificate, NodeCertificate } from '../src/certificate.ts'
import { signJws } from '../src/jws.ts'
import { revocationType } from '../src/key-validity.ts'
import { withRevocations } from '../src/revocation.ts'
import {
  nationsDigest,
  openRoster,
  type Roster,
  RosterError,
  witnessPolicyType,
} from '../src/roster.ts'
import { signerOf, verifyEd25519 } from './signers.ts'

const root = signerOf(1)
const origin = 'nor.entente.example/release-log/1'
const keyOf = (n: number) => toBase64url(signerOf(n).publicKey)
const main = NodeCertificate.parse({
  role: 'node',
  nation: 'NOR',
  serial: 1,
  name: 'NOR node',
  key: keyOf(10),
  peerId: '12D3KooWexerciseMAIN0000000',
  origin,
  logKey: 'log+00000000+keyMAIN',
  witnessKey: 'nor.entente.example/witness/1+0+keyMAIN',
  encryptionKey: toBase64url(new Uint8Array(32)),
  endpoints: [],
})
const office = NodeCertificate.parse({
  ...main,
  serial: 2,
  name: 'Forward office',
  key: keyOf(11),
  peerId: '12D3KooWexerciseOFFICE00000',
  origin: 'nor.entente.example/office/release-log/1',
  logKey: 'log+00000000+keyOFFICE',
  witnessKey: 'nor.entente.example/witness/1+0+keyOFFICE',
  roles: ['releaser'],
})
const laptop = DraftingCertificate.parse({
  role: 'drafting-node',
  nation: 'NOR',
  serial: 3,
  name: 'Laptop',
  key: keyOf(12),
  peerId: '12D3KooWexerciseLAPTOP00000',
  endpoints: [],
})
const lost = { nation: 'NOR', lastGood: null, at: 1, reason: 'lost' }

function open(certificates: readonly object[], witness = main.witnessKey, revoked: object[] = []) {
  const nations = [
    {
      nation: 'NOR',
      organisation: 'Exercise',
      root: toBase64url(root.publicKey),
      policyQuorum: 1,
      certificates: certificates.map((each) => signJws(certificateType, each, root.sign)),
      ...(revoked.length > 0 && {
        revocations: revoked.map((each) => signJws(revocationType, each, root.sign)),
      }),
    },
  ]
  const witnessPolicy = {
    number: 1,
    nations: nationsDigest(nations as never),
    witnesses: [{ nation: 'NOR', key: witness }],
    quorum: 1,
    toleranceMs: 300_000,
    freshnessMs: 10_800_000,
  }
  const signatures = { NOR: signJws(witnessPolicyType, witnessPolicy, root.sign) }
  return openRoster({ nations, witnessPolicy, signatures }, verifyEd25519).members.get('NOR')
}
const codeOf = (...given: Parameters<typeof open>): string => {
  try {
    open(...given)
  } catch (error) {
    if (error instanceof RosterError) return error.code
    throw error
  }
  return 'opened'
}

test('one node receives and cosigns, however many there are and whichever came last', () => {
  const member = open([main, office, laptop])
  expect(member?.node).toEqual(main)
  expect(member?.further).toEqual([office])
  expect(member?.drafting).toEqual([laptop])
  expect(member?.keyChanges.map(({ origin: of }) => of)).toEqual([origin, office.origin])
})

test('a node whose key is revoked is no node of the nation any more', () => {
  const member = open([main, office, laptop], main.witnessKey, [
    { ...lost, origin: office.origin, key: office.key },
    { ...lost, origin, key: laptop.key },
  ])
  expect([member?.further, member?.drafting]).toEqual([[], []])
  expect(member?.nodes).toHaveLength(2)
  // Of the laptop no log has anything to say.
  expect(member?.keyChanges.filter(({ action }) => action === 'revoke')).toHaveLength(1)
})

test('a node whose key is revoked beside the roster is none of the nation either', () => {
  const member = open([main, office, laptop])
  if (member === undefined) throw new Error('no NOR')
  const roster = { members: new Map([[member.nation, member]]) } as unknown as Roster
  const seals = [
    { ...lost, origin: office.origin, key: office.key },
    { ...lost, origin, key: laptop.key },
    // Of its own key each later word takes the place of the one before.
    { ...lost, origin, key: main.key, lastGood: 9 },
    { ...lost, origin, key: main.key, lastGood: 5 },
    { ...lost, origin, key: keyOf(13) },
  ].map((each) => signJws(revocationType, each, root.sign))
  const now = withRevocations(roster, seals, verifyEd25519).members.get(member.nation)
  expect([now?.further, now?.drafting]).toEqual([[], []])
  expect(now?.revocations.map(({ key, lastGood }) => [key, lastGood])).toEqual([
    [office.key, null],
    [laptop.key, null],
    [main.key, 5],
  ])
  expect(now?.keyChanges.map((change) => change.seal).slice(2)).toEqual([seals[0], seals[3]])
  expect(member.drafting).toEqual([laptop])
})

describe('is refused: a nation', () => {
  test.each<[string, Parameters<typeof open>, string]>([
    ['that has only further nodes', [[office]], 'ROSTER_NO_NODE'],
    ['that only drafts', [[laptop]], 'ROSTER_NO_NODE'],
    [
      'whose witness is that of a further node',
      [[main, office], office.witnessKey],
      'WITNESS_POLICY_KEYS',
    ],
    [
      'that lets a further node cosign alone',
      [[main, { ...office, roles: ['witness'] }]],
      'ROSTER_KEYS',
    ],
    [
      'that lets a further node receive',
      [[main, { ...office, roles: ['releaser', 'receiver'] }]],
      'ROSTER_KEYS',
    ],
    ['with two nodes of one peer', [[main, { ...office, peerId: main.peerId }]], 'ROSTER_KEYS'],
    ['with two nodes of one key', [[main, { ...office, key: main.key }]], 'ROSTER_KEYS'],
    [
      'with two nodes of one log',
      [[main, { ...office, origin, logKey: main.logKey, from: 5 }]],
      'ROSTER_KEYS',
    ],
    [
      'whose laptop has the key of its main node',
      [[main, { ...laptop, key: main.key }]],
      'ROSTER_KEYS',
    ],
    ['whose laptop has a log', [[main, { ...laptop, origin }]], 'ROSTER_CERTIFICATE'],
    [
      'with a role that nobody knows',
      [[main, { ...office, roles: ['king'] }]],
      'ROSTER_CERTIFICATE',
    ],
    ['with a node of no role', [[main, { ...office, roles: [] }]], 'ROSTER_CERTIFICATE'],
  ])('%s', (_what, given, code) => {
    expect(codeOf(...given)).toBe(code)
  })
})
