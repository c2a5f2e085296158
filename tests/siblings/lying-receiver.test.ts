import {
  type Channel,
  createMemoryChannelPair,
  createPassedTaker,
  createReceivedLinks,
  decodePassed,
  encodeFrame,
  encodePassed,
  hideRevoked,
  PassedFrame,
  type PassedItem,
  statementHash,
  WantedFrame,
} from '@entente/node/testing'
import { type Fragment, peekJws } from '@entente/schema'
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest'
import { createFederation } from '../support/federation.ts'
import { createHostileSender, dropOf, fragmentOf, putOf } from '../support/hostile-sender.ts'
import { livePolicy } from '../support/scenario.ts'
import { atMs, openNation } from './stage.ts'

const federation = createFederation(['GBR', 'USA', 'CAN'])
afterAll(() => federation[Symbol.asyncDispose]())
let stage: ReturnType<typeof openNation>
beforeEach(() => {
  stage = openNation(federation)
})
afterEach(() => stage[Symbol.dispose]())

type Frame<T extends PassedItem['frame']['t']> = Extract<PassedItem['frame'], { readonly t: T }>
/** A lie about one statement of the feed; everything else is passed on as it is. */
const about =
  (seq: number, tell: (frame: Frame<'statement'>) => PassedItem['frame'] | null) =>
  (item: PassedItem): PassedItem | null => {
    const { frame } = item
    if (frame.t !== 'statement') return item
    const { payload } = peekJws(frame.jws)
    const { seq: at, dataset } = payload as { readonly seq: number; readonly dataset?: string }
    if (at !== seq || dataset !== 'production') return item
    const told = tell(frame)
    return told === null ? null : { ...item, frame: told }
  }
const altered = (body: unknown): Fragment => {
  const { head, disclosures } = body as Fragment
  return { head, disclosures: disclosures.map(([salt, field]) => [salt, field, 'forged']) }
}
/** A statement that the same sender has really given, to another nation. */
function toAnother(): Frame<'statement'> {
  const fragment = fragmentOf('USA', { title: 'for another' })
  const opening = putOf(fragment)
  const logged = stage.gbr.usa.log(
    'release',
    stage.gbr.usa.release([opening], { recipient: 'CAN' }),
  )
  stage.put('fourth')
  return stage.gbr.usa.frame(logged, { openings: [opening], bodies: [fragment] })
}
/** What the sender has never said, under the key of another nation. */
function planted(): Pick<Frame<'statement'>, 'jws' | 'openings' | 'bodies'> {
  const fragment = fragmentOf('USA', { title: 'planted' })
  const opening = putOf(fragment)
  const { log } = createHostileSender(federation, 'CAN', 'GBR', atMs)
  const { jws } = log('release', stage.gbr.usa.release([opening], { seq: 1 }))
  return { jws, openings: [opening], bodies: [fragment] }
}

type Lie = readonly [
  what: string,
  tell: () => (item: PassedItem) => PassedItem | null,
  code: string,
  shown: readonly string[],
]
const lies: readonly Lie[] = [
  [
    'a value is another one',
    () => about(1, (frame) => ({ ...frame, bodies: frame.bodies.map(altered) })),
    'DISCLOSURE_DIGEST',
    ['first', 'third'],
  ],
  [
    'a value is kept to itself',
    () => about(1, (frame) => ({ ...frame, openings: [], bodies: [] })),
    '',
    ['first', 'third'],
  ],
  [
    'something is put that no statement names',
    () =>
      about(1, (frame) => {
        const fragment = fragmentOf('USA', { title: 'planted' })
        return { ...frame, openings: [putOf(fragment)], bodies: [fragment] }
      }),
    'ENTRY_UNKNOWN',
    ['first'],
  ],
  ['a place is skipped', () => about(1, () => null), 'FEED_GAP', ['first']],
  [
    'another nation has signed it',
    () => about(1, (frame) => ({ ...frame, ...planted() })),
    'JWS_SIGNATURE',
    ['first'],
  ],
  [
    'it was given to another nation',
    () => {
      const frame = toAnother()
      return about(3, () => frame)
    },
    'STATEMENT_RECIPIENT',
    ['first', 'second', 'third'],
  ],
  [
    'nobody has cosigned it',
    () => (item) =>
      item.frame.t === 'head'
        ? { ...item, frame: { ...item.frame, checkpoint: stage.gbr.usa.signedCheckpoint() } }
        : item,
    'QUORUM_NOT_MET',
    ['first'],
  ],
  [
    'the log is another one than it was',
    () => {
      const shadow = createHostileSender(federation, 'USA', 'GBR', atMs)
      shadow.logPolicy(livePolicy('USA'))
      return (item) =>
        item.frame.t === 'head' && item.frame.base.size > 0
          ? { ...item, frame: { ...item.frame, checkpoint: shadow.checkpoint() } }
          : item
    },
    'CHECKPOINT_ROLLBACK',
    ['first'],
  ],
]
test.each(lies)('a receiver that lies: %s', (_what, tell, code, shown) => {
  stage.put('first')
  stage.laptop.pass()
  stage.put('second')
  stage.put('third')
  const { codes } = stage.laptop.pass(tell())
  expect([...new Set([...codes, ...stage.laptop.codes()])]).toEqual(code === '' ? [] : [code])
  expect(stage.titles(stage.laptop)).toEqual(shown)
})

test('a receiver that shows again what was dropped is not heard', () => {
  const { fragment, opening, id } = stage.put('dropped')
  stage.drop(dropOf(id))
  stage.laptop.pass()
  const { feed } = stage.placeOf(0)
  const again: PassedItem['frame'] = { t: 'body', feed, seq: 0, opening, body: fragment }
  stage.put('next')
  stage.laptop.pass((item) => (item.frame.t === 'head' ? { ...item, frame: again } : item))
  expect(stage.titles(stage.laptop)).toEqual([])
  stage.laptop.pass()
  expect(stage.titles(stage.laptop)).toEqual(['next'])
})

/** The receiver brings a body once more, whatever it had of it. @returns what the laptop refused */
function bringAgain(seq: number, { opening, fragment }: ReturnType<typeof stage.put>): string[] {
  const { deps, admission, partner } = stage.laptop
  const taker = createPassedTaker(deps, admission)
  taker.journal(taker.name ?? '')
  const { feed } = stage.placeOf(seq)
  const frame: PassedItem['frame'] = { t: 'body', feed, seq, opening, body: fragment }
  taker.item({ t: 'item', n: 999, origin: partner('USA').log.origin, frame })
  return taker.refused().map(({ code }) => code)
}

test('a receiver that shows again what a revocation has hidden is not heard', () => {
  stage.put('good')
  const stolen = stage.put('of a thief')
  stage.laptop.pass()
  const { deps, view, partner } = stage.laptop
  const { log, member, certificate } = partner('USA')
  const { idx } = stage.gbr.db.prepare('SELECT idx FROM statement_in WHERE seq = 1').get() as {
    readonly idx: number
  }
  const revocations = member.revocations as object[]
  revocations.push({
    origin: log.origin,
    key: certificate.key,
    lastGood: idx - 1,
    reason: 'stolen',
  })
  try {
    expect([...hideRevoked(deps, view)]).toEqual([['USA', 1]])
    expect(bringAgain(1, stolen)).toEqual([])
    // Nor where the hiding is not known any more.
    stage.laptop.db.exec("DELETE FROM hidden_in; DELETE FROM held_in WHERE json LIKE '%thief%'")
    expect(bringAgain(1, stolen)).toEqual([])
  } finally {
    revocations.length = 0
  }
  expect(stage.titles(stage.laptop)).toEqual(['good'])
})

test('a receiver that shows again what a reset is about to replace is not heard', () => {
  const given = stage.put('replaced')
  stage.laptop.pass()
  const { feed, jws } = stage.placeOf(0)
  const { usa } = stage.gbr
  const reset = usa.log('reset', {
    ...{ origin: usa.origin, at: atMs, feed: null, seq: 0, prev: null, recipient: 'GBR' },
    ...{ dataset: 'production', replaces: { feed, seq: 0, statement: statementHash(jws) } },
    reason: 'a test',
  })
  stage.gbr.admission.notice(stage.gbr.partner('USA'), usa.notice(reset, []))
  expect(stage.laptop.pass().codes).toEqual([])
  expect(bringAgain(0, given)).toEqual([])
  expect(stage.titles(stage.laptop)).toEqual([])
})

/** The end of a stream at the receiver, as whoever opened it sees it. */
async function openStream(
  member: { readonly revocations: readonly { key: string }[] },
  maxFrameBytes = 8 << 20,
) {
  const limits = { maxFrameBytes, highWaterBytes: 1 << 20 }
  const { near, far } = createMemoryChannelPair(
    { peerId: 'laptop', limits },
    { peerId: 'hq', limits },
  )
  let handler: (channel: Channel) => Promise<void> = async () => expect.fail()
  const transport = {
    ...{ peerId: 'hq', connected: () => [], on: () => () => {} },
    handle: async (_: string, handle: typeof handler) => {
      handler = handle
    },
  }
  const sibling = { peerId: 'laptop', endpoints: [], name: 'laptop', key: 'stolen', drafts: true }
  const deps = { ...stage.gbr.deps, siblings: [sibling], self: { ...stage.gbr.deps.self, member } }
  const source = {
    keys: () => ({ seals: [], recalls: [] }),
    mayPass: () => true,
    onNews: () => () => {},
    maxFrameBytes,
  }
  const context = { deps, known: deps, transport, admission: stage.gbr.admission, source }
  const links = await createReceivedLinks(context as never)
  const serve = (peerId: string) => handler({ ...near, peerId }).catch((error: unknown) => error)
  return { links, serve, far }
}

/** What the receiver says up to the end of what it has. */
async function hearAll(far: Channel): Promise<PassedFrame[]> {
  const heard: PassedFrame[] = []
  for await (const bytes of far.frames) {
    heard.push(decodePassed(bytes, PassedFrame))
    if (heard.at(-1)?.t === 'all') break
  }
  return heard
}

test('behind a statement just as large as a frame all goes on, and its bodies go by themselves', async () => {
  const most = 64 * 1024
  const large = (bytes: number) => {
    const fragment = fragmentOf('USA', { title: 'large', text: 'x'.repeat(bytes) })
    return { fragment, opening: putOf(fragment) }
  }
  const { usa } = stage.gbr
  const sizeOf = ({ fragment, opening }: ReturnType<typeof large>): number => {
    const logged = usa.log('release', usa.release([opening]))
    const frame = usa.frame(logged, { openings: [opening], bodies: [fragment] })
    usa.truncate(usa.size() - 1)
    return encodeFrame(frame).length
  }
  const { fragment, opening } = large(most - sizeOf(large(1)) - 20)
  expect(sizeOf({ fragment, opening })).toBeLessThanOrEqual(most)
  stage.gbr.send([opening], [fragment])
  stage.put('next')
  const { links, serve, far } = await openStream({ revocations: [] }, most)
  await using _ = links
  const served = serve('laptop')
  await far.send(encodePassed({ t: 'from', name: null, reached: [], trees: [] }))
  const taker = createPassedTaker(stage.laptop.deps, stage.laptop.admission)
  const sorts: string[] = []
  for (const heard of await hearAll(far)) {
    if (heard.t === 'item') sorts.push(heard.frame.t)
    if (heard.t === 'item') taker.item(heard)
    if (heard.t === 'all') taker.all(heard)
  }
  expect(sorts).toEqual(['head', 'head', 'statement', 'body', 'statement'])
  expect(taker.refused()).toEqual([])
  expect(stage.titles(stage.laptop)).toEqual(['large', 'next'])
  await far.close()
  await served
})

test('a laptop whose key is revoked, and a partner, are told nothing', async () => {
  stage.put('first')
  const member = { revocations: [] as { key: string }[] }
  const { links, serve, far } = await openStream(member)
  await using _ = links
  expect(await serve('a partner')).toMatchObject({ message: 'this peer is no node of our nation' })
  const served = serve('laptop')
  await far.send(encodePassed({ t: 'from', name: null, reached: [], trees: [] }))
  const heard = await hearAll(far)
  expect(heard.map(({ t }) => t)).toEqual(['journal', 'keys', 'item', 'item', 'all'])
  member.revocations.push({ key: 'stolen' })
  links.revoked()
  await served
  expect(await serve('laptop')).toMatchObject({
    message: 'the key of laptop is revoked: nothing is said to it',
  })
})

test('a laptop reports all recalls that it has carried out, however many, and each once', async () => {
  const { deps, db, admission } = stage.laptop
  const digests = Array.from({ length: 1_100 }, (_, i) => `${i}`.padStart(43, '0'))
  const word = db.prepare(
    "INSERT INTO root_recall(digest, nation, seal, purge, purged, deleted) VALUES (?, 'USA', ?, 1, 0, 1)",
  )
  for (const digest of digests) word.run(digest, digest)
  const limits = { maxFrameBytes: 8 << 20, highWaterBytes: 1 << 20 }
  const { near, far } = createMemoryChannelPair(
    { peerId: 'hq', limits },
    { peerId: 'laptop', limits },
  )
  const { peerId } = deps.self.member.node
  const known = {
    ...deps,
    siblings: [{ peerId, endpoints: [], name: 'hq', key: '', drafts: false }],
  }
  const links = await createReceivedLinks({
    ...{ deps: known, known, admission, source: {} },
    transport: { on: () => () => {}, open: async () => near },
    revocations: { take: () => [] },
    nationRecalls: { take: () => [] },
    mayReceive: () => true,
    onAdmitted: () => {},
  } as never)
  await using _ = links
  const frames = far.frames[Symbol.asyncIterator]()
  const hear = async () => {
    const { value } = await frames.next()
    const frame = decodePassed(value as Uint8Array, WantedFrame)
    return frame.t === 'done' ? frame.recalls : null
  }
  const all = encodePassed({ t: 'all', n: 0, without: [] })
  expect(await hear()).toBe(null)
  await far.send(all)
  expect([await hear(), await hear()].flat()).toEqual(digests)
  await far.send(all)
  expect(await hear()).toEqual([])
  await far.send(encodePassed({ t: 'keys', keys: { t: 'revocations', seals: [] } }))
  await far.send(all)
  expect([await hear(), await hear()].flat()).toEqual(digests)
})
