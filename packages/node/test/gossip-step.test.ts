import { expect, test } from 'vitest'
import {
  ASK_MS,
  beginGossip,
  type GossipEffect,
  type GossipEvent,
  type GossipState,
  NEWS_MS,
  ROUND_MS,
  type Seen,
  step,
} from '../src/gossip/step.ts'

const origin = 'usa.example/log/1'
const challengeMs = 24 * 3_600_000
const at = (size: number, root = `root of ${size}`): Seen => ({ size, root, note: `${root}!` })

/** Runs events and gathers their effects. */
function run(state: GossipState, ...events: GossipEvent[]): [GossipState, GossipEffect[]] {
  const all: GossipEffect[] = []
  let now = state
  for (const event of events) {
    const [next, effects] = step(now, event)
    now = next
    all.push(...effects)
  }
  return [now, all]
}
const begin = () => beginGossip(['GBR', 'NOR'], challengeMs)
const own = (seen: Seen, chain: 'witnessed' | 'admitted' = 'witnessed', atMs = 0): GossipEvent => ({
  kind: 'own',
  origin,
  chain,
  seen,
  known: null,
  atMs,
})
const heard = (seen: Seen, known: Seen | null = null, atMs = 0): GossipEvent => ({
  kind: 'heard',
  origin,
  from: 'GBR',
  seen,
  known,
  atMs,
})
const tick = (atMs: number): GossipEvent => ({ kind: 'tick', atMs })
const kinds = (effects: readonly GossipEffect[]) => effects.map(({ kind }) => kind)
const heldBy = (state: GossipState) => state.origins.get(origin)?.held

test('what this node has proven by itself needs no other proof', () => {
  const [state, effects] = run(begin(), own(at(2)), own(at(5)), own(at(5), 'admitted'))
  expect(effects).toEqual([])
  const [later, more] = run(state, own(at(9), 'admitted'))
  expect([heldBy(later), more]).toEqual([at(9), []])
})

test('the first that is heard of a log is kept and told on', () => {
  const [state, effects] = run(begin(), heard(at(3)))
  expect(effects).toEqual([{ kind: 'keep-held', origin, seen: at(3) }])
  expect(state.news).toBe(true)
})

test.each<[where: string, before: GossipEvent[], found: GossipEvent]>([
  ['cosigned', [own(at(3))], heard(at(3, 'other'))],
  ['known from admission', [own(at(5))], heard(at(3, 'other'), at(3))],
  ['challenged', [own(at(2)), heard(at(5))], heard(at(5, 'other'))],
  ['heard', [heard(at(3))], own(at(3, 'other'))],
])('case 12: another root of a size that was %s is evidence, told to all', (_, before, found) => {
  const [state, effects] = run(begin(), ...before, found)
  expect(state.origins.get(origin)?.forked).toBe(true)
  expect(effects).toContainEqual(expect.objectContaining({ kind: 'keep-evidence' }))
  const told = effects.filter(({ kind }) => kind === 'exchange')
  expect(told).toEqual([
    { kind: 'exchange', nation: 'GBR' },
    { kind: 'exchange', nation: 'NOR' },
  ])
  // Afterwards nothing of it is taken up any more.
  expect(run(state, heard(at(9)), own(at(10)))[1]).toEqual([])
})

test.each([
  ['larger', at(7), at(7)],
  ['smaller', at(3), at(5)],
])('a %s one is asked about and, once proven, one history', (_, seen, held) => {
  const [asked, effects] = run(begin(), own(at(5)), heard(seen))
  expect(effects).toEqual([{ kind: 'prove', origin, one: at(5), other: seen }])
  const [state] = run(asked, { kind: 'proven', origin, one: at(5), other: seen })
  expect(state.origins.get(origin)?.challenge).toBeNull()
  expect(heldBy(state)).toEqual(held)
})

test('a partner that is only behind is asked nothing', () => {
  expect(run(begin(), own(at(5)), heard(at(3), at(3)))[1]).toEqual([])
})

test('a proof from what was held before is asked for again when what is held has grown past it', () => {
  const [state] = run(begin(), own(at(5)), heard(at(9)), own(at(7)))
  const proven: GossipEvent = { kind: 'proven', origin, one: at(5), other: at(9) }
  const [still] = run(state, proven)
  expect(still.origins.get(origin)?.challenge?.seen).toEqual(at(9))
  const [, effects] = run(still, tick(ASK_MS))
  expect(effects).toContainEqual({ kind: 'prove', origin, one: at(7), other: at(9) })
})

test('a challenge is asked again, written down, and unproven after its time', () => {
  const [asked] = run(begin(), own(at(5)), heard(at(7)))
  const [kept, first] = run(asked, tick(ASK_MS))
  expect(kinds(first.filter(({ kind }) => kind !== 'exchange'))).toEqual([
    'keep-challenge',
    'prove',
  ])
  const [late, second] = run(kept, tick(challengeMs - 1), tick(challengeMs + ASK_MS))
  expect(kinds(second).filter((kind) => kind === 'unproven')).toEqual(['unproven'])
  expect(late.origins.get(origin)?.challenge?.unproven).toBe(true)
  const [good, third] = run(late, { kind: 'proven', origin, one: at(5), other: at(7) })
  expect(kinds(third)).toEqual(['end-challenge', 'keep-held'])
  expect(good.origins.get(origin)?.challenge).toBeNull()
})

test('its own admission of the challenged checkpoint ends a challenge', () => {
  const [asked] = run(begin(), own(at(5)), heard(at(7)))
  const [state, effects] = run(asked, own(at(7)))
  expect(kinds(effects)).toEqual(['end-challenge'])
  expect(heldBy(state)).toEqual(at(7))
})

test('two chains of this node that differ in size are held against each other', () => {
  const [state, effects] = run(begin(), own(at(5)), own(at(7), 'admitted'))
  expect(effects).toEqual([{ kind: 'prove', origin, one: at(5), other: at(7) }])
  const [linked] = run(state, { kind: 'proven', origin, one: at(5), other: at(7) })
  expect(run(linked, own(at(8), 'admitted'))[1]).toEqual([])
})

test('news goes at once and then seldom; a round goes to all', () => {
  const start = ROUND_MS
  const [told, first] = run(begin(), own(at(2), 'witnessed', start), tick(start))
  expect(kinds(first)).toEqual(['exchange', 'exchange'])
  const [, second] = run(told, own(at(3)), tick(start + NEWS_MS - 1))
  expect(second).toEqual([])
  const [, third] = run(told, own(at(3)), tick(start + NEWS_MS))
  expect(kinds(third)).toEqual(['exchange', 'exchange'])
  expect(kinds(run(told, tick(start + ROUND_MS))[1])).toEqual(['exchange', 'exchange'])
})
