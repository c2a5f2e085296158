import { askSources } from '@entente/node/testing'
import type { Fragment, Json } from '@entente/schema'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createFederation, type Federation } from '../support/federation.ts'
import { fragmentOf, newRecordId, putOf } from '../support/hostile-sender.ts'
import { openPair } from '../support/pair.ts'

const atMs = Date.UTC(2026, 8, 21)
let federation: Federation
beforeAll(() => {
  federation = createFederation(['AUS', 'GBR', 'USA'])
})
afterAll(() => federation[Symbol.asyncDispose]())

let nested: unknown = 'canary'
for (let depth = 0; depth < 20_000; depth++) nested = [nested]

test.each<[string, unknown]>([
  ['a float', 1.5],
  ['a lone surrogate', '\ud800'],
  ['20,000 arrays in one another', nested],
])('a value that is %s is refused like any other bad body', (_, value) => {
  using gbr = openPair(federation, atMs)
  const body = fragmentOf('USA', { title: 'canary' })
  const [[salt]] = body.disclosures as [Fragment['disclosures'][number]]
  gbr.send([putOf(body)], [{ ...body, disclosures: [[salt, 'title', value]] }])
  expect(gbr.codes()).toEqual(['FRAGMENT_FORM'])
  expect(gbr.state()).toMatchObject({ held: [], view: [], feeds: [{ seq: 0, body_seq: 0 }] })
})

test('a partner cannot speak of our record, or of another partner’s, under its id', () => {
  using gbr = openPair(federation, atMs)
  const [ours, theirs] = [newRecordId(), newRecordId()]
  gbr.db
    .prepare(
      'INSERT INTO record(id, kind, dataset, status, shard, digest, json) VALUES (?, ?, ?, ?, ?, ?, ?)',
    )
    .run(ours, 'capability', 'production', 'active', 'shard', 'digest', '{}')
  gbr.view.putForeign({
    feed: 'a feed of AUS',
    sender: 'AUS',
    dataset: 'production',
    fragment: fragmentOf('AUS', { title: 'of AUS' }, theirs),
    authority: {},
    roles: {},
    provenAtMs: atMs,
  })
  const fakes = [ours, theirs].map((id) => fragmentOf('USA', { title: 'harmless' }, id))
  gbr.send(
    fakes.map((fake) => putOf(fake)),
    fakes,
  )
  expect(gbr.codes()).toEqual(['FRAGMENT_IDENTITY', 'FRAGMENT_IDENTITY'])
  expect(gbr.view.search('harmless', 5)).toEqual([])
})

test('no value of one partner can keep an answer from everybody', () => {
  using gbr = openPair(federation, atMs)
  const odd: Json[] = [[{ toString: 1, valueOf: 1 }], { toString: 1 }, [null, 7, ['cobalt']]]
  const bodies = [...odd, ['Cobalt']].map((materials) =>
    fragmentOf('USA', { title: 'mine', materials, place: { text: { toString: 1 } } }),
  )
  gbr.send(
    bodies.map((body) => putOf(body)),
    bodies,
  )
  expect(gbr.codes()).toEqual([])
  expect(askSources(gbr.view, 'GBR', 'cobalt').rows).toHaveLength(1)
})
