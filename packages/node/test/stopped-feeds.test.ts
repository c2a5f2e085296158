import { openDatabase, type Partner, statementHash, tables } from '@entente/node/testing'
import { signJws, statementType } from '@entente/schema'
import { expect, test } from 'vitest'
import { createStoppedFeeds } from '../src/network/stopped-feeds.ts'

const gbr = { nation: 'GBR' } as Partner
const f = 'f'.repeat(43)
const statement = (seq: number) =>
  signJws(statementType('release'), { feed: f, seq }, () => new Uint8Array(64))

function stage() {
  const db = openDatabase(':memory:', tables)
  const came = (seq: number, feed = f, bodySeq = seq) =>
    db
      .prepare('INSERT OR REPLACE INTO feed_in VALUES (?, ?, ?, ?, ?, ?, 0)')
      .run(feed, 'GBR', 'production', seq, '', bodySeq)
  return { feeds: createStoppedFeeds({ db }), came, [Symbol.dispose]: () => db[Symbol.dispose]() }
}

test('a feed waits behind what was refused until that has come, by whatever way', () => {
  using on = stage()
  const { feeds, came } = on
  came(2)
  feeds.refused('peer feed', gbr, statement(3), 'refused: 3')
  expect(feeds.of('GBR')).toBe('refused: 3')
  expect(feeds.of('USA')).toBe(null)
  came(3)
  expect(feeds.of('GBR')).toBe(null)
})

test('a statement that took its place and was refused then is not past', () => {
  using on = stage()
  const { feeds, came } = on
  feeds.refused('peer control', gbr, statement(3), 'refused: 3')
  came(3, f, 2)
  expect(feeds.of('GBR')).toBe('refused: 3')
  came(3)
  expect(feeds.of('GBR')).toBe(null)
})

test('what ended its stream waits until the stream goes on', () => {
  using on = stage()
  const { feeds } = on
  feeds.refused('peer control', gbr, null, 'refused: a frame')
  feeds.refused('peer feed', gbr, statement(3), 'refused: 3')
  expect(feeds.of('GBR')).toBe('refused: a frame')
  feeds.goesOn('peer control')
  feeds.goesOn('peer feed')
  expect(feeds.of('GBR')).toBe('refused: 3')
})

test('a second statement at a place that is taken waits until the feed goes on', () => {
  using on = stage()
  const { feeds, came } = on
  came(3)
  feeds.refused('peer feed', gbr, statement(3), 'refused: 3, another')
  expect(feeds.of('GBR')).toBe('refused: 3, another')
  came(4)
  expect(feeds.of('GBR')).toBe(null)
})

test('what names no place waits until the stream goes on', () => {
  using on = stage()
  const { feeds } = on
  feeds.refused('peer control', gbr, 'no statement', 'refused: form')
  feeds.goesOn('peer control')
  expect(feeds.of('GBR')).toBe(null)
})

test('the first statement of a feed gives it its name', () => {
  using on = stage()
  const { feeds, came } = on
  const jws = signJws(statementType('recall'), { feed: null, seq: 0 }, () => new Uint8Array(64))
  feeds.refused('peer control', gbr, jws, 'refused: first')
  expect(feeds.of('GBR')).toBe('refused: first')
  came(0, statementHash(jws))
  expect(feeds.of('GBR')).toBe(null)
})

test('what comes behind all that may go ends the wait of its own stream alone', () => {
  using on = stage()
  const { feeds } = on
  feeds.refused('one feed', gbr, statement(3), 'refused: 3')
  feeds.refused('other feed', gbr, 'no statement at all', 'refused: form')
  feeds.cameThrough('one feed')
  expect(feeds.of('GBR')).toBe('refused: form')
  feeds.cameThrough('other feed')
  expect(feeds.of('GBR')).toBe(null)
})
