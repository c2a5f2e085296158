import type { StatementFrame } from '@entente/node/testing'
import { type Opening, toBase64url } from '@entente/schema'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createFederation, type Federation } from '../support/federation.ts'
import {
  createHostileSender,
  dropOf,
  fragmentOf,
  type HostileSender,
  putOf,
} from '../support/hostile-sender.ts'
import { openReceiver, refusalOf } from '../support/receiver.ts'
import { livePolicy } from '../support/scenario.ts'

// release-log.md cases 20-22, 28, 29, 33, 47. USA signs with its own keys what it should never sign.
const atMs = Date.UTC(2026, 8, 21)
const day = 86_400_000
let federation: Federation
beforeAll(() => {
  federation = createFederation(['GBR', 'USA'])
})
afterAll(() => federation[Symbol.asyncDispose]())

/** USA, with a policy and one release that GBR has admitted, and GBR. */
function afterOneRelease() {
  const gbr = openReceiver(federation.folder('GBR'), () => atMs)
  const usa = createHostileSender(federation, 'USA', 'GBR', atMs)
  usa.logPolicy(livePolicy('USA'))
  const take = (frame: StatementFrame) => gbr.admission.statement(gbr.partner('USA'), frame)
  const statement = usa.log('release', usa.release(...firstRelease))
  usa.follow(statement)
  take(usa.frame(statement, { openings: firstRelease[0], bodies: [firstFragment] }))
  return { ...gbr, usa, take, firstStatement: statement, baseSize: usa.size() }
}
const firstFragment = fragmentOf('USA', { title: 'first' })
const firstRelease: [[Opening]] = [[putOf(firstFragment)]]

type Change = Readonly<Record<string, unknown>>
const other = toBase64url(new Uint8Array(32).fill(7))
test.each<[fact: string, change: Change, code: string]>([
  ['is addressed to another nation', { recipient: 'USA' }, 'STATEMENT_RECIPIENT'],
  [
    'speaks for another origin',
    { origin: 'aus.entente.example/release-log/1' },
    'STATEMENT_ORIGIN',
  ],
  ['says more than its kind may', { note: 'hello' }, 'STATEMENT_FORM'],
  ['lacks what its kind must say', { inputs: undefined }, 'STATEMENT_FORM'],
  ['leaves one out', { seq: 2 }, 'FEED_GAP'],
  ['stands where another stands', { seq: 0, feed: null, prev: null }, 'FEED_DATASET'],
  ['names another predecessor', { prev: other }, 'FEED_CHAIN'],
  ['names a feed that nobody opened', { feed: other }, 'FEED_UNKNOWN'],
  ['moves the feed to another dataset', { dataset: 'needs' }, 'FEED_DATASET'],
  ['starts with a predecessor', { seq: 0 }, 'FEED_CHAIN'],
  ['was decided yesterday', { at: atMs - day }, 'DECISION_TIME'],
  ['was decided tomorrow', { at: atMs + day }, 'DECISION_TIME'],
  ['rests on a policy that comes after it', { policy: 4 }, 'POLICY_LATE'],
  ['rests on a leaf that is no policy', { policy: 0 }, 'POLICY_MISSING'],
])('a release that %s is refused', (_, change, code) => {
  using gbr = afterOneRelease()
  const { usa } = gbr
  const before = gbr.state()
  const fragment = fragmentOf('USA', { title: 'forged' })
  const opening = putOf(fragment)
  const payload = { ...usa.release([opening]), ...change }
  const given = Object.fromEntries(
    Object.entries(payload).filter(([, value]) => value !== undefined),
  )
  const forged = usa.log('release', given)
  const frame = usa.frame(forged, {
    baseSize: gbr.baseSize,
    openings: [opening],
    bodies: [fragment],
  })
  expect(refusalOf(() => gbr.take(frame))).toBe(code)
  expect(gbr.state()).toEqual(before)

  const honest = usa.log('release', usa.release([opening]))
  gbr.take(
    usa.frame(honest, { baseSize: gbr.baseSize + 1, openings: [opening], bodies: [fragment] }),
  )
  expect(gbr.view.search('forged', 5)).toHaveLength(1)
})

test.each<[kind: string, code: string]>([
  ['deny', 'STATEMENT_KIND'],
  ['pad', 'STATEMENT_KIND'],
  ['ack', 'STATEMENT_KIND'],
  ['genesis', 'STATEMENT_KIND'],
  ['policy', 'STATEMENT_KIND'],
  ['recall', 'STATEMENT_FORM'],
  ['joint', 'STATEMENT_KIND'],
  ['invented-later', 'UPGRADE_NEEDED'],
])('case 28: a %s leaf is not taken for a release', (kind, code) => {
  using gbr = afterOneRelease()
  const { usa, baseSize } = gbr
  const before = gbr.state()
  const forged = usa.log(kind, usa.release([]))
  expect(refusalOf(() => gbr.take(usa.frame(forged, { baseSize })))).toBe(code)
  expect(gbr.state()).toEqual(before)
})

test('case 28: an old release sent again changes nothing and is acknowledged as before', () => {
  using gbr = afterOneRelease()
  const { usa, baseSize } = gbr
  const fragment = fragmentOf('USA', { title: 'second' }, firstFragment.head.id)
  const opening = putOf(fragment)
  const second = usa.log('release', usa.release([opening]))
  usa.follow(second)
  gbr.take(usa.frame(second, { baseSize, openings: [opening], bodies: [fragment] }))
  const before = gbr.state()
  gbr.take(
    usa.frame(gbr.firstStatement, {
      baseSize: usa.size(),
      openings: firstRelease[0],
      bodies: [firstFragment],
    }),
  )
  expect(gbr.state()).toEqual(before)
  expect(gbr.view.search('second', 5)).toHaveLength(1)
})

test('case 28: two statements at one place of a feed: the second is refused, whatever it says', () => {
  using gbr = afterOneRelease()
  const { usa, baseSize } = gbr
  const twin = usa.log('release', { ...usa.release([]), seq: 1 })
  gbr.take(usa.frame(twin, { baseSize }))
  const opening = dropOf(firstFragment.head.id)
  const forged = usa.log('release', usa.release([opening], { effect: 'narrow' }))
  const frame = usa.frame(forged, { baseSize: baseSize + 1, openings: [opening], bodies: [null] })
  expect(refusalOf(() => gbr.take(frame))).toBe('FEED_CHAIN')
  expect(gbr.view.search('first', 5)).toHaveLength(1)
})

test.each<[fact: string, make: (usa: HostileSender) => unknown, code: string]>([
  [
    'no authority of the roster signed',
    (usa) => usa.logPolicy(livePolicy('USA', 2), { signatures: ['a.b.c'] }),
    'POLICY_UNSIGNED',
  ],
  [
    'whose digest is not the one signed',
    (usa) => usa.logPolicy(livePolicy('USA', 2), { digest: other }),
    'POLICY_UNSIGNED',
  ],
  [
    'whose interval is not the one signed',
    (usa) => usa.logPolicy(livePolicy('USA', 2), { until: atMs + 9 * 366 * day }),
    'POLICY_UNSIGNED',
  ],
  [
    'of another origin',
    (usa) => usa.logPolicy(livePolicy('USA', 2), { origin: 'aus.entente.example/release-log/1' }),
    'STATEMENT_FORM',
  ],
  [
    'of an edition that was in force before',
    (usa) => usa.logPolicy(livePolicy('USA', 1)),
    'POLICY_EDITION',
  ],
  [
    'not yet in force',
    (usa) => usa.logPolicy({ ...(livePolicy('USA', 2) as object), from: '2026-10-01' }),
    'POLICY_INTERVAL',
  ],
  [
    'no longer in force',
    (usa) => usa.logPolicy({ ...(livePolicy('USA', 2) as object), until: '2026-09-01' }),
    'POLICY_INTERVAL',
  ],
])('case 29: a release under a policy %s is refused', (_, make, code) => {
  using gbr = afterOneRelease()
  const { usa, baseSize } = gbr
  const before = gbr.state()
  make(usa)
  const opening = putOf(firstFragment)
  const forged = usa.log('release', usa.release([opening]))
  const frame = usa.frame(forged, { baseSize, openings: [opening], bodies: [firstFragment] })
  expect(refusalOf(() => gbr.take(frame))).toBe(code)
  expect(gbr.state()).toEqual(before)
})

test('case 29: a release under an edition that a newer one has replaced is refused', () => {
  using gbr = afterOneRelease()
  const { usa, baseSize } = gbr
  usa.logPolicy(livePolicy('USA', 2))
  const opening = putOf(firstFragment)
  const current = usa.log('release', usa.release([opening]))
  usa.follow(current)
  gbr.take(usa.frame(current, { baseSize, openings: [opening], bodies: [firstFragment] }))
  const stale = usa.log('release', usa.release([opening], { policy: 1 }))
  const frame = usa.frame(stale, {
    baseSize: baseSize + 2,
    openings: [opening],
    bodies: [firstFragment],
  })
  expect(refusalOf(() => gbr.take(frame))).toBe('POLICY_INTERVAL')
})

test('a policy leaf with one bit changed is refused by its own proof', () => {
  const usa = createHostileSender(federation, 'USA', 'GBR', atMs)
  usa.logPolicy(livePolicy('USA'))
  const [opening] = firstRelease[0]
  const statement = usa.log('release', usa.release([opening]))
  const frame = usa.frame(statement, { openings: [opening], bodies: [firstFragment] })
  const policy = frame.policy as NonNullable<StatementFrame['policy']>
  const flipped = (text: string, at: number) =>
    text.slice(0, at) + (text[at] === '0' ? '1' : '0') + text.slice(at + 1)
  for (const [changed, code] of [
    [{ ...policy, jws: flipped(policy.jws, 300) }, 'INCLUSION_ROOT_MISMATCH'],
    [{ ...policy, salt: flipped(policy.salt, 9) }, 'INCLUSION_ROOT_MISMATCH'],
    [{ ...policy, hashes: policy.hashes.slice(1) }, 'INCLUSION_PROOF_LENGTH'],
    [{ ...policy, index: 0 }, 'POLICY_MISSING'],
    [undefined, 'POLICY_MISSING'],
  ] as const) {
    using gbr = openReceiver(federation.folder('GBR'), () => atMs)
    const { policy: _, ...rest } = frame
    const sent = changed === undefined ? rest : { ...rest, policy: changed }
    expect(refusalOf(() => gbr.admission.statement(gbr.partner('USA'), sent))).toBe(code)
    expect(gbr.state()['feeds']).toEqual([])
    gbr.admission.statement(gbr.partner('USA'), frame)
    expect(gbr.view.search('first', 5)).toHaveLength(1)
  }
})

test('case 22: the quorum is not met by the sender as its own witness, by nobody, or by tomorrow', () => {
  const [opening] = firstRelease[0]
  for (const [witnesses, signedAtMs, code] of [
    [[], atMs, 'QUORUM_NOT_MET'],
    [['USA'], atMs, 'QUORUM_NOT_MET'],
    [['GBR'], atMs + day, 'QUORUM_STALE'],
  ] as const) {
    using gbr = openReceiver(federation.folder('GBR'), () => atMs)
    const usa = createHostileSender(federation, 'USA', 'GBR', signedAtMs, witnesses)
    usa.logPolicy(livePolicy('USA'))
    const statement = usa.log('release', usa.release([opening]))
    const frame = usa.frame(statement, { openings: [opening], bodies: [firstFragment] })
    expect(refusalOf(() => gbr.admission.statement(gbr.partner('USA'), frame))).toBe(code)
    expect(gbr.db.prepare('SELECT * FROM partner_checkpoint').all()).toEqual([])
  }
})
