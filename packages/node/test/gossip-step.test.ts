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
  TOLD_AT_ONCE,
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
const tick = (atMs: number, reached: readonly string[] = ['GBR', 'NOR']): GossipEvent => ({
  kind: 'tick',
  reached,
  atMs,
})
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
  expect(state.untold).toEqual(['GBR', 'NOR'])
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

test('a clock that is set back by a day stops neither news nor questions', () => {
  const day = 24 * 3_600_000
  const [before] = run(begin(), own(at(2), 'witnessed', 2 * day), tick(2 * day))
  const [asked] = run(before, heard(at(5), null, 2 * day))
  const [after, effects] = run(asked, tick(day))
  expect(effects).toContainEqual({ kind: 'prove', origin, one: at(2), other: at(5) })
  expect(kinds(effects).filter((kind) => kind === 'exchange')).toHaveLength(2)
  // From then on as ever; and the log has a day to prove it, not two.
  expect(run(after, tick(day + 1_000))[1]).toEqual([])
  expect(kinds(run(after, tick(2 * day - 1))[1])).not.toContain('unproven')
  const [unproven, found] = run(after, tick(2 * day))
  expect(kinds(found)).toContain('unproven')
  // It is said once.
  expect(kinds(run(unproven, tick(day), tick(2 * day))[1])).not.toContain('unproven')
})

test('of many partners each is told in its turn, however much is new', () => {
  const many = Array.from({ length: 20 }, (_, i) => `N${i}`)
  const start = beginGossip(many, challengeMs)
  const whoWhen = (events: readonly GossipEvent[]) =>
    events.reduce<[GossipState, string[][]]>(
      ([state, turns], event) => {
        const [next, effects] = step(state, event)
        const told = effects.flatMap((effect) =>
          effect.kind === 'exchange' ? [effect.nation] : [],
        )
        return [next, told.length > 0 ? [...turns, told] : turns]
      },
      [start, []],
    )
  const turn = (i: number, reached: readonly string[] = many) =>
    tick(ROUND_MS + i * NEWS_MS, reached)
  // The first tick is a round of itself.
  const before = [turn(0)]
  const news = (size: number) => own(at(size), 'witnessed', ROUND_MS)
  const [quiet, once] = whoWhen([...before, news(2), turn(1), turn(2), turn(3), turn(4), turn(5)])
  expect(once).toEqual([many, many.slice(0, 8), many.slice(8, 16), many.slice(16)])
  expect(quiet.untold).toEqual([])
  // News that comes in between waits behind those who have not been told of anything yet.
  const [, ever] = whoWhen([...before, ...[1, 2, 3, 4, 5, 6].flatMap((i) => [news(i), turn(i)])])
  expect(ever.slice(1).every((told) => told.length === TOLD_AT_ONCE)).toBe(true)
  const counts = many.map(
    (nation) =>
      ever
        .slice(1)
        .flat()
        .filter((told) => told === nation).length,
  )
  expect([Math.min(...counts), Math.max(...counts)]).toEqual([2, 3])
  // When it is quiet again, whoever was told longest ago is told first.
  const [, again] = whoWhen([...before, news(2), turn(1), turn(2), turn(3), news(3), turn(4)])
  expect(again.at(-1)).toEqual(many.slice(0, 8))
  const [, half] = whoWhen([...before, news(2), turn(1), news(3), turn(2), turn(3), turn(4)])
  expect(half.slice(1)).toEqual([
    many.slice(0, 8),
    many.slice(8, 16),
    [...many.slice(16), ...many.slice(0, 4)],
    many.slice(4, 8),
  ])
  // Who is not in touch takes no turn, and hears everything once it is.
  const near = many.filter((_, i) => i % 2 === 0)
  const [none, touched] = whoWhen([...before, news(2), turn(1, near), turn(2, near), turn(3)])
  expect([touched.slice(1), none.untold]).toEqual([[near.slice(0, 8), near.slice(8)], []])
})
