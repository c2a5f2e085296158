import {
  controlProtocol,
  createMemoryChannelPair,
  decodeFrame,
  feedProtocol,
  forgetDecisions,
  migrations,
  type Partner,
  SenderFrame,
  sealRecall,
  serveFeed,
} from '@entente/node/testing'
import { PolicyDocument } from '@entente/policy'
import { peekJws } from '@entente/schema'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createFederation, type Federation } from '../support/federation.ts'
import { capability, livePolicy } from '../support/scenario.ts'
import { openSender } from '../support/sender.ts'

let federation: Federation
beforeAll(() => {
  federation = createFederation(['GBR', 'USA'])
})
afterAll(() => federation[Symbol.asyncDispose]())

const limits = { maxFrameBytes: 8 << 20, highWaterBytes: 1 << 12 }
const [startMs, dayMs] = [Date.UTC(2026, 8, 1), 24 * 3_600_000]
let atMs = startMs
const nowMs = () => atMs

/** A node with a live policy, to which GBR has opened a control and a feed stream. It reads what it is told to, when it is told. */
async function servingSender() {
  const usa = await openSender(federation.folder('USA'), nowMs)
  const policy = PolicyDocument.parse(livePolicy('USA'))
  const alerts = { mode: 'live', title: 'Alerts' } as const
  usa.policies.install(
    federation.sign('USA', {
      ...policy,
      datasets: { ...policy.datasets, zulu: alerts },
      tests: [],
    }),
  )
  for (const dataset of ['production', 'zulu']) usa.subscribe('GBR', dataset)
  const news = new Set<() => void>()
  let published = usa.log.head()
  const tell = () => {
    for (const listener of news) listener()
  }
  const publish = () => {
    published = usa.log.head()
    tell()
  }
  const publisher = { published: () => ({ ...published, note: published.note ?? '' }) }
  const source = {
    deps: usa.deps,
    log: usa.log,
    publisher: publisher as never,
    mayServe: () => true,
    ground: () => usa.policies.at(nowMs())?.ground ?? null,
    onNews: (listener: () => void) => {
      news.add(listener)
      return () => news.delete(listener)
    },
    onAcknowledged: () => {},
  }
  const partner = usa.deps.partners.get('GBR') as Partner
  const open = (which: 'control' | 'feed') => {
    const pair = createMemoryChannelPair({ peerId: 'usa', limits }, { peerId: 'gbr', limits })
    void serveFeed({ ...source, which }, pair.near, partner).catch(() => {})
    const frames = pair.far.frames[Symbol.asyncIterator]()
    const say = (frame: object) => pair.far.send(new TextEncoder().encode(JSON.stringify(frame)))
    const next = async (): Promise<SenderFrame> => {
      const { value } = await frames.next()
      return decodeFrame(value as Uint8Array, SenderFrame)
    }
    void say({ t: 'resume', checkpoint: null, feeds: [] })
    return { next, say, abort: pair.abort }
  }
  return { usa, open, publish, tell }
}

const long = 'x'.repeat(1_900)
const bulk = async ({ usa }: Awaited<ReturnType<typeof servingSender>>, count: number) => {
  const added = []
  for (let i = 0; i < count; i++) {
    added.push(
      await usa.records.recordAdd(capability({ title: `bulk ${i}`, description: `${i} ${long}` })),
    )
    // A statement each.
    await usa.releaser.idle()
  }
  return added
}

test('a recall does not wait behind what a slow partner has not read', async () => {
  const serving = await servingSender()
  await using usa = serving.usa
  await bulk(serving, 9)
  serving.publish()
  const feed = serving.open('feed')
  expect((await feed.next()).t).toBe('resumed')
  const control = serving.open('control')
  expect((await control.next()).t).toBe('resumed')
  // It reads one frame of the feed and no more: megabytes wait.
  const first = await feed.next()
  expect(first.t).toBe('statement')
  const release = usa.db
    .prepare("SELECT idx FROM statement WHERE kind = 'release' ORDER BY idx LIMIT 1")
    .get()?.['idx'] as number
  sealRecall(usa.deps, usa.log, { index: release, entries: [], purge: true, reason: 'spill' })
  // It is not published either: as a notice it comes at once, and then in its place.
  serving.tell()
  const [notice, , place] = [await control.next(), serving.publish(), await control.next()]
  for (const [frame, t] of [
    [notice, 'notice'],
    [place, 'statement'],
  ] as const) {
    expect(frame.t).toBe(t)
    if (frame.t === 'notice' || frame.t === 'statement')
      expect(peekJws(frame.jws).typ).toBe('entente-recall')
  }
  feed.abort(new Error('done'))
  control.abort(new Error('done'))
})

test('what takes away goes as a notice beside the bulk that it would stand behind, before its quorum', async () => {
  const serving = await servingSender()
  await using usa = serving.usa
  const [one] = await bulk(serving, 4)
  serving.publish()
  const feed = serving.open('feed')
  const control = serving.open('control')
  expect((await control.next()).t).toBe('resumed')
  for (const t of ['resumed', 'statement']) expect((await feed.next()).t).toBe(t)
  await usa.records.recordWithdraw({ id: one?.id ?? '', author: 'a', reason: 'wrong' })
  await usa.releaser.idle()
  // Not published: only told that something is there.
  serving.tell()
  const notice = await control.next()
  expect(notice.t).toBe('notice')
  if (notice.t === 'notice')
    expect(notice.openings.map(([, { op, record }]) => [op, record])).toEqual([['drop', one?.id]])
  for (const stream of [feed, control]) stream.abort(new Error('done'))
})

test('an alert overtakes the bulk of other datasets, and goes first within its own', async () => {
  const serving = await servingSender()
  await using usa = serving.usa
  await bulk(serving, 9)
  serving.publish()
  const feed = serving.open('feed')
  for (const t of ['resumed', 'statement']) expect((await feed.next()).t).toBe(t)
  const { kind: _, ...rest } = capability({ title: 'Counterfeit relays' })
  await usa.records.recordAdd({ ...rest, dataset: 'zulu', kind: 'alert' })
  await usa.releaser.idle()
  serving.publish()
  const datasets: string[] = []
  while (datasets.at(-1) !== 'zulu') {
    const frame = await feed.next()
    if (frame.t === 'statement')
      datasets.push((peekJws(frame.jws).payload as { dataset: string }).dataset)
    else if (frame.t === 'head') break
  }
  expect(datasets.at(-1)).toBe('zulu')
  // What stood in the pipe already, and no more: the bulk is nine statements.
  expect(datasets.length).toBeLessThan(5)
  feed.abort(new Error('done'))
})

const addAlert = async ({ usa }: Awaited<ReturnType<typeof servingSender>>) => {
  const { kind: _, ...rest } = capability({ title: 'Counterfeit relays' })
  const added = await usa.records.recordAdd({ ...rest, dataset: 'zulu', kind: 'alert' })
  await usa.releaser.idle()
  return added
}

/** Layout of the last version that knew no places of alerts. */
const BEFORE_PLACES = 14

test('an alert that was sealed before an upgrade overtakes the bulk too', async () => {
  const serving = await servingSender()
  await using usa = serving.usa
  await bulk(serving, 9)
  await addAlert(serving)
  usa.db.exec('DROP TABLE alert_out')
  for (const step of migrations.slice(BEFORE_PLACES)) step(usa.db as never)
  serving.publish()
  const feed = serving.open('feed')
  expect((await feed.next()).t).toBe('resumed')
  const first = await feed.next()
  expect(first.t === 'statement' && peekJws(first.jws).payload).toMatchObject({ dataset: 'zulu' })
  feed.abort(new Error('done'))
})

test('only the newest put of an alert has a place before the bulk, and what is erased or withdrawn has none', async () => {
  const serving = await servingSender()
  await using usa = serving.usa
  const places = () => usa.db.prepare('SELECT record, seq FROM alert_out').all()
  const { id } = await addAlert(serving)
  const by = { id, author: 'a', reason: 'known better' }
  const [first] = places()
  expect(first).toMatchObject({ record: id })
  await usa.records.recordEdit({ ...by, set: { title: { value: 'Counterfeit switches' } } })
  await usa.releaser.idle()
  expect(places()).toEqual([{ record: id, seq: Number(first?.['seq']) + 1 }])

  const leaves = usa.db
    .prepare("SELECT idx FROM statement WHERE kind = 'release' ORDER BY idx")
    .all()
  const [older, newer] = leaves.map(({ idx }) => Number(idx))
  usa.db.transact(() => forgetDecisions(usa.deps, [older ?? -1]))
  expect(places()).toHaveLength(1)
  usa.db.transact(() => forgetDecisions(usa.deps, [newer ?? -1]))
  expect(places()).toEqual([])

  await usa.records.recordEdit({ ...by, set: { title: { value: 'Counterfeit fuses' } } })
  await usa.releaser.idle()
  expect(places()).toHaveLength(1)
  await usa.records.recordWithdraw(by)
  await usa.releaser.idle()
  expect(places()).toEqual([])
})

test('the two streams have the names that the protocol gives them', () => {
  expect([controlProtocol, feedProtocol]).toEqual(['/entente/control/1', '/entente/feed/1'])
})

test('what was told ahead is told again to who has begun anew: it may have come while nothing was taken', async () => {
  const serving = await servingSender()
  await using usa = serving.usa
  const [one] = await bulk(serving, 2)
  serving.publish()
  const [feed, control] = [serving.open('feed'), serving.open('control')]
  expect((await control.next()).t).toBe('resumed')
  for (const t of ['resumed', 'statement']) expect((await feed.next()).t).toBe(t)
  await usa.records.recordWithdraw({ id: one?.id ?? '', author: 'a', reason: 'wrong' })
  await usa.releaser.idle()
  serving.tell()
  expect((await control.next()).t).toBe('notice')
  // The quorum never comes.
  await control.say({ t: 'resume', checkpoint: null, feeds: [] })
  for (const t of ['resumed', 'notice']) expect((await control.next()).t).toBe(t)
})

test('behind a pause goes what takes away, also to who comes when all is long published; the rest goes when it is lifted', async () => {
  const serving = await servingSender()
  await using usa = serving.usa
  const [one] = await bulk(serving, 2)
  await usa.records.recordWithdraw({ id: one?.id ?? '', author: 'a', reason: 'wrong' })
  await usa.releaser.idle()
  serving.publish()
  usa.db.exec("INSERT INTO paused(nation) VALUES ('GBR')")
  const feed = serving.open('feed')
  for (const t of ['resumed', 'notice', 'head']) expect((await feed.next()).t).toBe(t)
  usa.db.exec('DELETE FROM paused')
  serving.tell()
  const told = []
  for (let i = 0; i < 3; i++) told.push(placeOf(await feed.next()))
  expect(told).toEqual([0, 1, 2])
})

const placeOf = (frame: SenderFrame) =>
  frame.t === 'statement'
    ? (peekJws(frame.jws).payload as unknown as { readonly seq: number }).seq
    : frame.t

test.each([
  ['ten minutes later', 600_001],
  ['after the clock was set back by a day', -dayMs],
])('a partner for whom there is nothing new gets a proof of that %s', async (_, laterMs) => {
  const serving = await servingSender()
  await using _usa = serving.usa
  serving.publish()
  const feed = serving.open('feed')
  const shown = async () => {
    for (;;) {
      const frame = await feed.next()
      if (frame.t === 'head') return frame.checkpoint
    }
  }
  try {
    const first = await shown()
    atMs += laterMs
    serving.tell()
    expect(await shown()).toBe(first)
  } finally {
    atMs = startMs
    feed.abort(new Error('over'))
  }
})
