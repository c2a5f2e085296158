import { createFrameTaker, openDatabase, type StatementFrame, tables } from '@entente/node/testing'
import type { Opening } from '@entente/schema'
import { formatBase64 } from '@entente/tlog'
import { afterAll, beforeEach, expect, test } from 'vitest'
import { createFederation } from '../support/federation.ts'
import { dropOf, fragmentOf, putOf } from '../support/hostile-sender.ts'
import { openPair } from '../support/pair.ts'
import { depsOf } from '../support/receiver.ts'

const nowMs = Date.UTC(2026, 9, 1)
const federation = createFederation(['GBR', 'USA'])
afterAll(() => federation[Symbol.asyncDispose]())

let pair: ReturnType<typeof openPair>
let taker: ReturnType<typeof createFrameTaker>
let bases: { size: number; hashes: string[] }[]
beforeEach(() => {
  pair = openPair(federation, nowMs)
  bases = []
  const deps = {
    ...depsOf(federation.folder('GBR'), openDatabase(':memory:', tables), () => nowMs),
    db: pair.db,
  }
  taker = createFrameTaker(deps, pair.admission, pair.partner('USA'), () => bases)
})
const codes = () => taker.refused.map(({ code }) => code)
const shown = () =>
  pair.db
    .prepare('SELECT title FROM view_row ORDER BY title')
    .all()
    .map(({ title }) => title)
/** A release of these openings in its place, under the checkpoint of the log as it is now. */
function released(openings: readonly Opening[], change: Record<string, unknown> = {}) {
  const logged = pair.usa.log('release', pair.usa.release(openings, change))
  pair.usa.follow(logged)
  return (parts: Partial<StatementFrame> = {}) =>
    pair.usa.frame(logged, { openings: [...openings], ...parts })
}

test('what has run out on the way stays closed, and its statement advances the feed all the same', () => {
  const lasts = fragmentOf('USA', { title: 'lasts' })
  const ended = fragmentOf('USA', { title: 'has ended' })
  const openings = [putOf(lasts), putOf(ended)]
  taker.take(released(openings)({ bodies: [lasts, ended] }), [null, nowMs])
  expect(codes()).toEqual([])
  expect(shown()).toEqual(['lasts'])
  expect(pair.db.prepare('SELECT body_seq, unopened FROM feed_in').all()).toEqual([
    expect.objectContaining({ body_seq: 0, unopened: 1 }),
  ])
})

test('a statement that is refused stops its feed, and what is taken back behind it is hidden', () => {
  const stays = fragmentOf('USA', { title: 'stays' })
  const goes = fragmentOf('USA', { title: 'is taken back' })
  const late = fragmentOf('USA', { title: 'is behind the fault' })
  const frames = [
    released([putOf(stays), putOf(goes)]),
    released([putOf(late)], { policy: 10_000 }),
    released([putOf(late)]),
    released([dropOf(goes.head.id)], { effect: 'narrow' }),
  ]
  const bodies = [[stays, goes], [late], [late], [null]]
  for (const [i, frame] of frames.entries())
    taker.take(frame({ bodies: bodies[i] ?? [] }), undefined)
  expect(codes()).toEqual(['POLICY_LATE'])
  expect(shown()).toEqual(['stays'])
})

test('the proof that begins where the recipient stands is taken, whichever the frame has', () => {
  const one = fragmentOf('USA', { title: 'one' })
  const two = fragmentOf('USA', { title: 'two' })
  taker.take(released([putOf(one)])({ bodies: [one] }), undefined)
  const size = pair.usa.size()
  const second = released([putOf(two)])({ base: { size: 1, hashes: [] }, bodies: [two] })
  bases = [{ size, hashes: pair.usa.consistency(size).map(formatBase64) }]
  taker.take(second, undefined)
  expect(codes()).toEqual([])
  expect(shown()).toEqual(['one', 'two'])
})

test('a proof that begins elsewhere stops the bundle, but for what takes back', () => {
  const one = fragmentOf('USA', { title: 'one' })
  const two = fragmentOf('USA', { title: 'two' })
  taker.take(released([putOf(one)])({ bodies: [one] }), undefined)
  const frames = [released([putOf(two)]), released([dropOf(one.head.id)], { effect: 'narrow' })]
  const base = { size: 1, hashes: [] }
  for (const [i, frame] of frames.entries())
    taker.take(frame({ base, bodies: i === 0 ? [two] : [null] }), undefined)
  expect(taker.refused).toEqual([
    { code: 'CHECKPOINT_BASE', message: expect.stringContaining('carry a bundle to USA') },
  ])
  expect(shown()).toEqual([])
})
