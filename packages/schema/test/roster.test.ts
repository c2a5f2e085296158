import { describe, expect, test } from 'vitest'
import { toBase64url } from '../src/bytes.ts'
import { certificateType } from '../src/certificate.ts'
import { signJws } from '../src/jws.ts'
import {
  nationsDigest,
  openRoster,
  RosterError,
  type RosterFile,
  witnessPolicyType,
} from '../src/roster.ts'
import { signerOf, verifyEd25519 } from './signers.ts'

const roots = { GBR: signerOf(1), NOR: signerOf(2), USA: signerOf(3) }
type Code = keyof typeof roots
const codes = Object.keys(roots) as Code[]
const witnessKeyOf = (nation: string) =>
  `${nation.toLowerCase()}.entente.example/witness/1+0+key${nation}`

const node = (nation: string, change: Record<string, unknown> = {}) => ({
  role: 'node',
  nation,
  serial: 1,
  name: `${nation} node`,
  key: toBase64url(signerOf(9 + codes.indexOf(nation as Code)).publicKey),
  peerId: `12D3KooWexercise${nation}0000000`,
  origin: `${nation.toLowerCase()}.entente.example/release-log/1`,
  logKey: `log+00000000+key${nation}`,
  witnessKey: witnessKeyOf(nation),
  encryptionKey: toBase64url(new Uint8Array(32)),
  endpoints: [],
  ...change,
})
const certify = (nation: Code, certificate: object) =>
  signJws(certificateType, certificate, roots[nation].sign)

const nationFile = (nation: Code, certificates = [certify(nation, node(nation))]) => ({
  nation,
  organisation: 'Exercise',
  root: toBase64url(roots[nation].publicKey),
  policyQuorum: 1,
  certificates,
})
const witnessPolicy = {
  number: 1,
  nations: '',
  witnesses: codes.map((nation) => ({ nation, key: witnessKeyOf(nation) })),
  quorum: 1,
  toleranceMs: 300_000,
  freshnessMs: 10_800_000,
}
/** A roster that every root has signed, with changes made before signing. */
function rosterOf(change: Partial<RosterFile> = {}): RosterFile {
  const given = { nations: codes.map((nation) => nationFile(nation)), witnessPolicy, ...change }
  const roster = {
    ...given,
    witnessPolicy: { ...given.witnessPolicy, nations: nationsDigest(given.nations) },
  }
  const signatures = Object.fromEntries(
    codes.map((nation) => [
      nation,
      signJws(witnessPolicyType, roster.witnessPolicy, roots[nation].sign),
    ]),
  )
  return { signatures, ...roster }
}
const replace = (nation: Code, file: RosterFile['nations'][number]) =>
  codes.map((each) => (each === nation ? file : nationFile(each)))
const codeOf = (roster: unknown): string => {
  try {
    openRoster(roster, verifyEd25519)
  } catch (error) {
    if (error instanceof RosterError) return error.code
    throw error
  }
  return 'opened'
}

test('a roster that every root has signed gives each nation its node', () => {
  const { members } = openRoster(rosterOf(), verifyEd25519)
  expect([...members.keys()]).toEqual(codes)
  expect(members.get('NOR')?.node.origin).toBe('nor.entente.example/release-log/1')
})

describe('is refused', () => {
  const { signatures } = rosterOf()
  const { NOR: _, ...withoutNor } = signatures
  test.each<[what: string, roster: unknown, code: string]>([
    ['that is no roster', {}, 'ROSTER_FORM'],
    [
      'with a key that is not 32 bytes',
      rosterOf({ nations: replace('NOR', { ...nationFile('NOR'), root: 'AA' }) }),
      'ROSTER_FORM',
    ],
    ...(['peerId', 'origin', 'key', 'logKey'] as const).map((name): [string, unknown, string] => [
      `that gives one nation the ${name} of another`,
      rosterOf({
        nations: replace(
          'NOR',
          nationFile('NOR', [
            certify('NOR', node('NOR', { [name]: node('GBR')[name].replace(/^log/, 'other') })),
          ]),
        ),
      }),
      'ROSTER_DUPLICATE',
    ]),
    [
      'with one root for two nations',
      rosterOf({
        nations: replace('NOR', {
          ...nationFile('NOR', [certify('GBR', node('NOR'))]),
          root: nationFile('GBR').root,
        }),
      }),
      'ROSTER_DUPLICATE',
    ],
    [
      'with a nation twice',
      rosterOf({ nations: [...replace('NOR', nationFile('NOR')), nationFile('NOR')] }),
      'ROSTER_DUPLICATE',
    ],
    [
      'with a certificate that another root signed',
      rosterOf({ nations: replace('NOR', nationFile('NOR', [certify('USA', node('NOR'))])) }),
      'ROSTER_CERTIFICATE',
    ],
    [
      'with a root that certifies a node of another nation',
      rosterOf({ nations: replace('NOR', nationFile('NOR', [certify('NOR', node('USA'))])) }),
      'ROSTER_CERTIFICATE',
    ],
    [
      'with a certificate of an unknown role',
      rosterOf({
        nations: replace('NOR', nationFile('NOR', [certify('NOR', node('NOR', { role: 'king' }))])),
      }),
      'ROSTER_CERTIFICATE',
    ],
    [
      'with an authority that counts from a leaf of no log',
      rosterOf({
        nations: replace(
          'NOR',
          nationFile('NOR', [
            certify('NOR', node('NOR')),
            certify('NOR', {
              role: 'policy-authority',
              nation: 'NOR',
              serial: 2,
              name: 'authority',
              key: node('NOR').key,
              from: 5,
            }),
          ]),
        ),
      }),
      'ROSTER_CERTIFICATE',
    ],
    [
      'with a nation without a node',
      rosterOf({ nations: replace('NOR', nationFile('NOR', [])) }),
      'ROSTER_NO_NODE',
    ],
    [
      'with two nodes that begin at one leaf',
      rosterOf({
        nations: replace(
          'NOR',
          nationFile(
            'NOR',
            [1, 2].map((serial) => certify('NOR', node('NOR', { serial }))),
          ),
        ),
      }),
      'ROSTER_KEYS',
    ],
    [
      'that one root has not signed',
      { ...rosterOf(), signatures: withoutNor },
      'WITNESS_POLICY_UNSIGNED',
    ],
    [
      'signed for one root by another',
      { ...rosterOf(), signatures: { ...signatures, NOR: signatures['USA'] } },
      'WITNESS_POLICY_SIGNATURE',
    ],
    [
      'whose witness policy was changed after signing',
      { ...rosterOf(), witnessPolicy: { ...witnessPolicy, quorum: 2 } },
      'WITNESS_POLICY_SIGNATURE',
    ],
    [
      'whose witness is not the certified one',
      rosterOf({
        witnessPolicy: { ...witnessPolicy, witnesses: [{ nation: 'NOR', key: 'mine' }] },
      }),
      'WITNESS_POLICY_KEYS',
    ],
    [
      'whose witness policy counts a nation twice',
      rosterOf({
        witnessPolicy: {
          ...witnessPolicy,
          witnesses: [...witnessPolicy.witnesses, { nation: 'NOR', key: witnessKeyOf('NOR') }],
        },
      }),
      'WITNESS_POLICY_KEYS',
    ],
    [
      'whose neutral witness has the key of a nation under another name',
      rosterOf({
        witnessPolicy: {
          ...witnessPolicy,
          witnesses: [
            ...witnessPolicy.witnesses,
            { name: 'neutral.example', key: 'neutral.example+1+keyNOR', url: 'https://a.example/' },
          ],
        },
      }),
      'WITNESS_POLICY_KEYS',
    ],
    [
      'whose neutral witness is asked by another way than HTTP',
      rosterOf({
        witnessPolicy: {
          ...witnessPolicy,
          witnesses: [
            ...witnessPolicy.witnesses,
            { name: 'neutral.example', key: 'neutral.example+1+key', url: 'file:///etc/passwd' },
          ],
        },
      }),
      'ROSTER_FORM',
    ],
    [
      'whose quorum needs the releasing nation itself',
      rosterOf({ witnessPolicy: { ...witnessPolicy, quorum: 3 } }),
      'WITNESS_POLICY_QUORUM',
    ],
  ])('%s', (_, roster, code) => {
    expect(codeOf(roster)).toBe(code)
  })
})

test('no word about a nation can be changed after the roots have signed', () => {
  const signed = rosterOf()
  const [first, ...others] = signed.nations
  expect(codeOf({ ...signed, nations: [{ ...first, policyQuorum: 2 }, ...others] })).toBe(
    'ROSTER_NATIONS',
  )
  expect(codeOf({ ...signed, nations: signed.nations.toReversed() })).toBe('ROSTER_NATIONS')
})

test.each(['Ministry\nSix words: x', 'a\u001b[8m', '\u202egro', 'a\u200bb', 'a\u2028b'])(
  'no name or place of a nation draws beside its line: %j',
  (text) => {
    const named = { ...nationFile('GBR'), organisation: text }
    const others = [nationFile('NOR'), nationFile('USA')]
    expect(() => openRoster(rosterOf({ nations: [named, ...others] }), verifyEd25519)).toThrow(
      expect.objectContaining({ code: 'ROSTER_FORM' }),
    )
    for (const change of [{ name: text }, { endpoints: [text] }]) {
      const file = nationFile('GBR', [certify('GBR', node('GBR', change))])
      expect(() => openRoster(rosterOf({ nations: [file, ...others] }), verifyEd25519)).toThrow(
        expect.objectContaining({ code: 'ROSTER_CERTIFICATE' }),
      )
    }
    const fine = { ...nationFile('GBR'), organisation: 'Försvarsmakten – 防衛省' }
    openRoster(rosterOf({ nations: [fine, ...others] }), verifyEd25519)
  },
)
