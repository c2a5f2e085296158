import { afterAll, beforeAll, expect, test } from 'vitest'
import { createFederation, type Federation } from '../support/federation.ts'
import { createHostileSender, dropOf, fragmentOf, putOf } from '../support/hostile-sender.ts'
import { openReceiver, refusalOf } from '../support/receiver.ts'
import { livePolicy } from '../support/scenario.ts'

const cosignedMs = Date.now()
const { freshnessMs, toleranceMs } = { freshnessMs: 3 * 3_600_000, toleranceMs: 300_000 }
let federation: Federation
beforeAll(() => {
  federation = createFederation(['GBR', 'USA'])
})
afterAll(() => federation[Symbol.asyncDispose]())

/** USA's log with one release in it, cosigned once; and GBR, at a time that can be set. */
function open() {
  let nowMs = cosignedMs
  const receiver = openReceiver(federation.folder('GBR'), () => nowMs)
  const usa = createHostileSender(federation, 'USA', 'GBR', cosignedMs)
  usa.logPolicy(livePolicy('USA'))
  const fragment = fragmentOf('USA', { title: 'first' })
  const opening = putOf(fragment)
  const put = usa.log('release', usa.release([opening]))
  usa.follow(put)
  const frame = usa.frame(put, { openings: [opening], bodies: [fragment] })
  const partner = receiver.partner('USA')
  return {
    usa,
    receiver,
    record: fragment.head.id,
    put: () => refusalOf(() => receiver.admission.statement(partner, frame)),
    take: (given: typeof frame) => refusalOf(() => receiver.admission.statement(partner, given)),
    head: (checkpoint: string, size: number) =>
      receiver.admission.head(partner, { t: 'head', checkpoint, base: { size, hashes: [] } }),
    at: (ms: number) => {
      nowMs = ms
    },
    seenMs: () =>
      receiver.db.prepare('SELECT max(seen_ms) AS ms FROM partner_checkpoint').get()?.['ms'],
  }
}

test.each([
  ['as old as it may be', freshnessMs, null],
  ['older', freshnessMs + 2_000, 'QUORUM_STALE'],
])('case 20: a release under a checkpoint that is %s', (_, ageMs, code) => {
  const { receiver, put, at } = open()
  using _receiver = receiver
  // Whole seconds are cosigned.
  at(Math.floor(cosignedMs / 1000) * 1000 + ageMs)
  expect(put()).toBe(code)
  expect(receiver.view.search('first', 5)).toHaveLength(code === null ? 1 : 0)
})

test('case 20: what takes away is taken under an old checkpoint as well', () => {
  const { usa, receiver, record, put, take, at } = open()
  using _ = receiver
  expect(put()).toBeNull()
  const drop = dropOf(record)
  const narrow = usa.log('release', usa.release([drop], { effect: 'narrow' }))
  at(cosignedMs + 10 * freshnessMs)
  expect(take(usa.frame(narrow, { baseSize: 3, openings: [drop], bodies: [null] }))).toBeNull()
  expect(receiver.view.search('first', 5)).toEqual([])
})

test('case 20: an old checkpoint shown again makes nothing younger', () => {
  const { usa, receiver, put, head, at, seenMs } = open()
  using _ = receiver
  expect(put()).toBeNull()
  const before = seenMs()
  at(cosignedMs + 2 * freshnessMs)
  head(usa.checkpoint(), 3)
  expect(seenMs()).toBe(before)
  expect(before).toBeLessThanOrEqual(cosignedMs)
})

test('a head that is told again is no news and writes nothing, however far ahead it is dated; cosigned again it is', () => {
  const { usa, receiver, put, head, at } = open()
  using _ = receiver
  const written = () => receiver.db.prepare('SELECT total_changes() AS n').get()?.['n']
  // Our clock is behind that of the cosigner: it gets on, and so would the time of its word.
  at(cosignedMs - 60_000)
  expect(put()).toBeNull()
  const before = written()
  for (const aheadMs of [60_000, 59_999, 59_990]) {
    at(cosignedMs - aheadMs)
    expect(head(usa.checkpoint(), 3)).toBe(false)
  }
  expect(written()).toBe(before)
  at(cosignedMs - 50_000)
  expect(head(usa.checkpoint(), 3)).toBe(true)
})

test.each([
  ['within the tolerance', toleranceMs, null],
  ['beyond it', toleranceMs + 2_000, 'QUORUM_STALE'],
])('case 21: a cosignature from the future, %s', (_, aheadMs, code) => {
  const { receiver, put, at } = open()
  using _receiver = receiver
  at(Math.floor(cosignedMs / 1000) * 1000 - aheadMs)
  expect(put()).toBe(code)
})
