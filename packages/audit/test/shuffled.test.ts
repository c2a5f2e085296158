import { expect, test } from 'vitest'
import { historyOf, standingAt } from '../src/replay/released.ts'
import { openFeeds } from '../src/statements/feeds.ts'
import type { Leaf } from '../src/statements/leaves.ts'

const at = Date.UTC(2026, 8, 21)
const digest = (name: string) => name.padEnd(43, 'A')

/** The n-th statement of a feed, at a leaf. */
const release = (seq: number, index: number): Leaf<'release'> => ({
  index,
  kind: 'release',
  digest: digest(`${seq}`),

  statement: {
    origin: 'usa.entente.example/release-log/1',
    at,
    feed: seq === 0 ? null : digest('0'),
    seq,
    prev: seq === 0 ? null : digest(`${seq - 1}`),
    recipient: 'GBR',
    dataset: 'production',
    effect: 'widen',
    entries: [],
    policy: 1,
    inputs: digest('inputs'),
  },
})

test('a feed is read by seq where its leaves were shuffled under one checkpoint', () => {
  const leaves = [release(2, 16), release(0, 21), release(1, 30)]
  const findings: string[] = []
  const feeds = openFeeds(
    {
      byIndex: new Map(leaves.map((leaf) => [leaf.index, leaf])),
      saltOf: () => new Uint8Array(32),
      byDigest: new Map(leaves.map((leaf) => [leaf.digest, leaf.index])),
      erased: new Map(),
      unread: 0,
    },
    (code) => findings.push(code),
  )
  expect(findings).toEqual([])
  const [feed] = feeds.values()
  expect(feed?.sound).toBe(true)
  expect(feed?.statements.map(({ index }) => index)).toEqual([21, 30, 16])

  // The later word on a record stands at the earlier leaf.
  const put = (name: string) =>
    ({
      op: 'put',
      record: `urn:entente:${'1'.repeat(32)}`,
      digest: digest(name),
      fields: ['title'],
      authority: ['arrangement'],
    }) as const
  const byLeaf = new Map([
    [21, [{ digest: 'a', entry: put('first') }]],
    [16, [{ digest: 'b', entry: put('last') }]],
  ])
  if (feed === undefined) throw new Error('no feed')
  const [history] = historyOf(feed, { byLeaf, complete: true } as never).values()
  expect(history && standingAt(history, 1)?.put.entry.digest).toBe(digest('first'))
  expect(history && standingAt(history, 2)?.put.entry.digest).toBe(digest('last'))
})
