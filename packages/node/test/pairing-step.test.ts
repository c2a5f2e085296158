import { generateKeyPairSync, sign as signBytes } from 'node:crypto'
import { verifyEd25519 } from '@entente/node'
import {
  type NationFile,
  nationsDigest,
  type RosterFile,
  signJws,
  toBase64url,
  witnessPolicyType,
} from '@entente/schema'
import { expect, test } from 'vitest'
import { MOST_PROPOSALS } from '../src/pairing/frames.ts'
import { type EditionState, editionDigest, step } from '../src/pairing/step.ts'

const nations = ['CAN', 'GBR', 'NOR'] as const
const keys = new Map(nations.map((nation) => [nation, generateKeyPairSync('ed25519')]))
const keyOf = (nation: (typeof nations)[number]) => {
  const pair = keys.get(nation)
  if (pair === undefined) throw new Error(nation)
  const root = new Uint8Array(
    Buffer.from(pair.publicKey.export({ format: 'jwk' }).x ?? '', 'base64url'),
  )
  const sign = (bytes: Uint8Array) => new Uint8Array(signBytes(null, bytes, pair.privateKey))
  return { root: toBase64url(root), sign }
}
const fileOf = (nation: (typeof nations)[number]): NationFile => ({
  nation,
  organisation: nation,
  root: keyOf(nation).root,
  policyQuorum: 1,
  certificates: [],
})

/** An edition that these roots have signed; certificates are for others to check. */
function edition(
  number: number,
  named: readonly (typeof nations)[number][],
  signed: readonly (typeof nations)[number][],
): RosterFile {
  const files = named.map(fileOf)
  const witnessPolicy = {
    number,
    nations: nationsDigest(files),
    witnesses: [],
    quorum: 1,
    toleranceMs: 1,
    freshnessMs: 1,
  }
  const signatures = Object.fromEntries(
    signed.map((nation) => [nation, signJws(witnessPolicyType, witnessPolicy, keyOf(nation).sign)]),
  )
  return { nations: files, witnessPolicy, signatures }
}

const gbr: EditionState = {
  nation: 'GBR',
  number: 1,
  roots: new Map([
    ['GBR', keyOf('GBR').root],
    ['NOR', keyOf('NOR').root],
  ]),
  uncompared: new Set(),
  proposals: new Map(),
}
const heard = (state: EditionState, roster: RosterFile, from: string | null = 'NOR') =>
  step(state, { kind: 'heard', from, roster }, verifyEd25519)
const all = nations

test('an edition that some root has not signed is kept and told, once', () => {
  const roster = edition(2, all, ['NOR'])
  const [state, effects] = heard(gbr, roster)
  expect(effects.map(({ kind }) => kind)).toEqual(['keep', 'tell'])
  expect(state.number).toBe(1)
  expect(heard(state, roster)[1]).toEqual([])
  const [, more] = heard(state, edition(2, all, ['CAN']))
  expect(more[0]).toMatchObject({
    kind: 'keep',
    roster: { signatures: { CAN: expect.any(String), NOR: expect.any(String) } },
  })
})

test('one that is in force already, or older, says nothing', () => {
  expect(heard(gbr, edition(1, all, all))).toEqual([gbr, []])
})

test.each<[fact: string, roster: RosterFile, code: string]>([
  ['leaves us out', edition(2, ['CAN', 'NOR'], ['NOR']), 'PROPOSAL_NOT_OURS'],
  ['nobody known here has signed', edition(2, all, ['CAN']), 'PROPOSAL_UNSIGNED'],
  [
    'names another root of a partner',
    (() => {
      const made = edition(2, all, [])
      const files = made.nations.map((file) =>
        file.nation === 'NOR' ? { ...file, root: keyOf('CAN').root } : file,
      )
      const policy = { ...made.witnessPolicy, nations: nationsDigest(files) }
      return { ...made, nations: files, witnessPolicy: policy }
    })(),
    'PROPOSAL_ROOT',
  ],
  [
    'shows other nations than are signed',
    { ...edition(2, all, ['NOR']), nations: [fileOf('GBR'), fileOf('NOR')] },
    'PROPOSAL_FORM',
  ],
])('one that %s is refused', (_, roster, code) => {
  const [state, effects] = heard(gbr, roster)
  expect(state).toBe(gbr)
  expect(effects).toMatchObject([{ kind: 'refused', from: 'NOR', code }])
})

test('a signature that does not verify is none', () => {
  const roster = edition(2, all, ['NOR'])
  const forged = {
    ...roster,
    signatures: { ...roster.signatures, GBR: roster.signatures['NOR'] ?? '' },
  }
  const [state] = heard(gbr, forged)
  expect(Object.keys(state.proposals.get(editionDigest(roster))?.signatures ?? {})).toEqual(['NOR'])
})

test('a complete edition waits until the words of a new partner are compared', () => {
  // Its nations certify no node, which only opening it would find out: it is kept unopened.
  const waiting = { ...gbr, uncompared: new Set(['CAN']) }
  const [state, effects] = heard(waiting, edition(2, all, all))
  expect(effects.map(({ kind }) => kind)).toEqual(['keep', 'tell'])
  const compare = () => step(state, { kind: 'compared', nation: 'CAN' }, verifyEd25519)
  expect(compare).toThrow(expect.objectContaining({ code: 'ROSTER_NO_NODE' }))
})

test('no more editions are kept than a node can want, and our own signature keeps its place', () => {
  let [state] = heard(gbr, edition(2, all, ['GBR', 'NOR']))
  for (let number = 3; number < 3 + 2 * MOST_PROPOSALS; number++)
    [state] = heard(state, edition(number, all, ['NOR']))
  expect(state.proposals.size).toBe(MOST_PROPOSALS)
  expect(state.proposals.has(editionDigest(edition(2, all, [])))).toBe(true)
})
