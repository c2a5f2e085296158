import { generateKeyPairSync, sign as signBytes } from 'node:crypto'
import { buildRoster, verifyEd25519 } from '@entente/node'
import {
  certificateType,
  type NationFile,
  nationsDigest,
  type RosterFile,
  signJws,
  toBase64url,
  witnessPolicyType,
} from '@entente/schema'
import { createVerifierKey, formatVerifierKey, KEY_TYPE } from '@entente/tlog'
import { expect, test } from 'vitest'
import {
  decodePairing,
  encodePairing,
  HelloFrame,
  helloProposals,
  MOST_BROUGHT,
  MOST_PROPOSALS,
} from '../src/pairing/frames.ts'
import { nextEdition } from '../src/pairing/next-edition.ts'
import {
  type EditionEffect,
  type EditionState,
  editionDigest,
  step,
  unsignedOf,
} from '../src/pairing/step.ts'

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
  brought: new Map(),
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
    [state] = heard(state, edition(number, all, ['NOR']), `from ${number % MOST_PROPOSALS}`)
  expect(state.proposals.size).toBe(MOST_PROPOSALS)
  expect(state.proposals.has(editionDigest(edition(2, all, [])))).toBe(true)
})

test('one partner finds room for two, and tells itself no news with what has been dropped', () => {
  const theirs = [2, 3, 4, 5].map((number) => edition(number, all, ['NOR']))
  let state = heard(gbr, edition(2, ['GBR', 'NOR'], ['NOR']), 'CAN')[0]
  for (const each of theirs) [state] = heard(state, each)
  expect(state.proposals.size).toBe(1 + MOST_BROUGHT)
  for (const each of theirs) expect(heard(state, each)[1]).toEqual([])
  // Our own person is heard whatever stands there.
  expect(heard(state, edition(2, all, ['GBR']), null)[1].map(({ kind }) => kind)).toContain('keep')
})

test('no edition takes the last number, and none fills the stream', () => {
  const kinds = (number: number) =>
    heard(gbr, edition(number, all, ['NOR']))[1].map((effect) =>
      effect.kind === 'refused' ? effect.code : effect.kind,
    )
  expect(kinds(1_001)).toEqual(['keep', 'tell'])
  expect(kinds(1_002)).toEqual(['PROPOSAL_NUMBER'])
  expect(kinds(Number.MAX_SAFE_INTEGER)).toEqual(['PROPOSAL_NUMBER'])
  const fat = edition(2, all, [])
  const signatures = { XXX: 'x'.repeat(600_000) }
  const [, effects] = heard(gbr, { ...fat, signatures })
  expect(effects).toMatchObject([{ kind: 'refused', code: 'PROPOSAL_FORM' }])
})

test('a hello holds no more than the other side reads, and what our root has signed before all else', () => {
  const many = Array.from({ length: MOST_PROPOSALS + 3 }, (_, i) =>
    edition(2 + i, all, i < 3 ? ['NOR'] : ['GBR']),
  )
  const fat = { ...edition(99, all, ['GBR']), exercise: 'x'.repeat(600_000) }
  const proposals = helloProposals('GBR', [...many, fat])
  expect(proposals.map(({ witnessPolicy }) => witnessPolicy.number)).toEqual(
    many.slice(3).map(({ witnessPolicy }) => witnessPolicy.number),
  )
  const frame = encodePairing({ t: 'hello', number: 1, proposals, roster: null })
  expect(decodePairing(frame, HelloFrame).proposals).toHaveLength(MOST_PROPOSALS)
})

/** Certified by its root, so that an edition of such nations can come into force. */
function certified(nation: (typeof nations)[number]): NationFile {
  const { root, sign } = keyOf(nation)
  const publicKey = new Uint8Array(Buffer.from(root, 'base64url'))
  const origin = `${nation.toLowerCase()}.entente.example/release-log/1`
  const vkey = (name: string, type: 1 | 4) =>
    formatVerifierKey(createVerifierKey(name, type, publicKey))
  const certificate = {
    role: 'node',
    nation,
    serial: 1,
    name: `${nation} node`,
    key: root,
    peerId: `12D3KooW${nation}${'x'.repeat(30)}`,
    origin,
    logKey: vkey(origin, KEY_TYPE.ed25519),
    witnessKey: vkey(`${origin}/witness`, KEY_TYPE.cosignature),
    encryptionKey: root,
    endpoints: ['/ip4/127.0.0.1/tcp/12000'],
  }
  return { ...fileOf(nation), certificates: [signJws(certificateType, certificate, sign)] }
}

/** What each of three members does when the others hear what it has: until nobody has anything new to tell. */
function inBand(states: Map<string, EditionState>, first: string) {
  const installed = new Map<string, RosterFile>()
  const told: string[] = [first]
  let steps = 0
  const take = (nation: string, effects: readonly EditionEffect[]) => {
    for (const effect of effects)
      if (effect.kind === 'install') installed.set(nation, effect.roster)
      else if (effect.kind === 'refused') throw new Error(effect.message)
    if (effects.length > 0) told.push(nation)
  }
  const tellAll = () => {
    for (let from = told.shift(); from !== undefined; from = told.shift())
      for (const [nation, state] of states) {
        if (nation === from) continue
        const inForce = installed.get(from)
        const rosters = [
          ...(states.get(from)?.proposals.values() ?? []),
          ...(inForce ? [inForce] : []),
        ]
        let now = state
        for (const roster of rosters) {
          steps++
          const [next, effects] = step(now, { kind: 'heard', from, roster }, verifyEd25519)
          now = next
          states.set(nation, next)
          take(nation, effects)
        }
      }
  }
  /** The root of a member signs what waits there. */
  const sign = (nation: (typeof nations)[number]) => {
    const state = states.get(nation)
    const [waiting] = state?.proposals.values() ?? []
    if (state === undefined || waiting === undefined) throw new Error(`nothing waits at ${nation}`)
    const jws = signJws(witnessPolicyType, waiting.witnessPolicy, keyOf(nation).sign)
    const roster = { ...waiting, signatures: { ...waiting.signatures, [nation]: jws } }
    const [next, effects] = step(state, { kind: 'heard', from: null, roster }, verifyEd25519)
    states.set(nation, next)
    take(nation, effects)
    tellAll()
  }
  return { installed, tellAll, sign, steps: () => steps }
}

test.each([
  ['CAN', 'GBR', 'NOR'],
  ['NOR', 'CAN', 'GBR'],
  ['GBR', 'NOR', 'CAN'],
] as const)(
  'three members come to one edition in band, whoever signs when: %s, %s, %s',
  (...order) => {
    const files = nations.map(certified)
    const draft = { ...buildRoster(files, { number: 2 }, verifyEd25519), signatures: {} }
    const roots = new Map(nations.map((nation) => [nation as string, keyOf(nation).root]))
    const state = (nation: string): EditionState => ({ ...gbr, nation, roots })
    const states = new Map<string, EditionState>(nations.map((nation) => [nation, state(nation)]))
    const [first] = order
    const [opened] = step(state(first), { kind: 'heard', from: null, roster: draft }, verifyEd25519)
    states.set(first, opened)
    const { installed, sign, steps } = inBand(states, first)
    for (const [i, nation] of order.entries()) {
      expect(installed.size).toBe(0)
      sign(nation)
      if (i < 2)
        for (const { proposals } of states.values())
          expect([...proposals.values()].map(unsignedOf)).toEqual([order.slice(i + 1).sort()])
    }
    expect([...installed.keys()].sort()).toEqual([...nations])
    expect(
      new Set([...installed.values()].map((roster) => JSON.stringify(roster.witnessPolicy))).size,
    ).toBe(1)
    for (const { number, proposals } of states.values()) {
      expect(number).toBe(2)
      expect(proposals.size).toBe(0)
    }
    // It comes to rest: nobody tells the others for ever what they know.
    expect(steps()).toBeLessThan(40)
  },
)

test('the next edition keeps every term that is not about who is in it', () => {
  const files = nations.map(certified)
  const before = buildRoster(
    files.slice(1),
    { number: 4, courierMs: 5, answerMs: 1_000, pendingQuorum: true },
    verifyEd25519,
  )
  const policy = { ...before.witnessPolicy, toleranceMs: 6, freshnessMs: 7, challengeMs: 8 }
  const next = nextEdition(
    { ...before, witnessPolicy: policy },
    [certified('CAN')],
    5,
    verifyEd25519,
  )
  const { nations: digest, witnesses, quorum } = next.witnessPolicy
  expect(next.witnessPolicy).toEqual({ ...policy, number: 5, nations: digest, witnesses, quorum })
  expect(digest).toBe(nationsDigest(next.nations))
  expect(witnesses).toHaveLength(3)
})
