import {
  type Channel,
  createMemoryChannelPair,
  createPassedTaker,
  createReceivedLinks,
  decodePassed,
  encodePassed,
  joinTree,
  PassedFrame,
  type PassedItem,
  statementHash,
} from '@entente/node/testing'
import { type Fragment, type Opening, peekJws } from '@entente/schema'
import { formatBase64, formatNote, formatTlogProof, parseNote, parseTlogProof } from '@entente/tlog'
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest'
import { createFederation } from '../support/federation.ts'
import { createHostileSender, dropOf, fragmentOf, putOf } from '../support/hostile-sender.ts'
import { openPair } from '../support/pair.ts'
import { type OtherNode, openOther } from '../support/passed.ts'
import { openReceiver } from '../support/receiver.ts'
import { livePolicy } from '../support/scenario.ts'

const atMs = Date.UTC(2026, 9, 1)
const weekMs = 7 * 86_400_000
const federation = createFederation(['GBR', 'USA', 'CAN'])
afterAll(() => federation[Symbol.asyncDispose]())

/** GBR’s receiver, which the USA sends to, and a laptop of GBR. */
let gbr: ReturnType<typeof openPair>
let laptop: OtherNode
let nowMs = atMs
beforeEach(() => {
  nowMs = atMs
  gbr = openPair(federation, atMs)
  laptop = openOther(federation, 'GBR', gbr, () => nowMs)
})
afterEach(() => {
  laptop[Symbol.dispose]()
  gbr[Symbol.dispose]()
})

const titles = (node: Pick<OtherNode, 'view'>) => node.view.list({}).map(({ title }) => title)
const alike = (): Readonly<Record<string, unknown[]>> => ({ ...gbr.state(), text: [] })
const atLaptop = (): Readonly<Record<string, unknown[]>> => ({ ...laptop.state(), text: [] })
/** The USA puts one record. */
function put(title: string, fields: Readonly<Record<string, string>> = {}) {
  const fragment = fragmentOf('USA', { title, ...fields })
  const opening = putOf(fragment)
  gbr.send([opening], [fragment])
  return { fragment, opening, id: fragment.head.id }
}
const drop = (opening: Opening) => gbr.send([opening], [null], { effect: 'narrow' })
/** Statement of the feed as it stands in the log. */
const placeOf = (seq: number) => {
  const row = gbr.db.prepare('SELECT feed, jws FROM statement_in WHERE seq = ?').get(seq)
  return { feed: row?.['feed'] as string, seq, jws: row?.['jws'] as string }
}
/** A recall in the control feed of the USA, sent to the receiver. */
function recall(seq: number, purge: boolean) {
  const { feed, jws } = placeOf(seq)
  const statement = gbr.usa.log('recall', {
    origin: gbr.usa.origin,
    at: atMs,
    feed: null,
    seq: 0,
    prev: null,
    recipient: 'GBR',
    dataset: 'production',
    release: { feed, seq, statement: statementHash(jws) },
    entries: [],
    purge,
    reason: 'a test',
  })
  const base = gbr.db.prepare('SELECT MAX(size) AS size FROM partner_checkpoint').get()
  gbr.admission.statement(
    gbr.partner('USA'),
    gbr.usa.frame(statement, { baseSize: base?.['size'] as number }),
  )
}
test('what a partner gave the receiver is shown at the laptop, which says nothing to the partner', () => {
  put('first', { supplier: 'Works' })
  const { fragment } = put('second')
  gbr.send([putOf(fragment, { roles: { title: ['logistics'] } })], [fragment])
  expect(laptop.pass().codes).toEqual([])
  expect(titles(laptop)).toEqual(['first', 'second'])
  expect(atLaptop()).toEqual(alike())
  expect(laptop.view.byRecord(fragment.head.id)[0]?.fields['title']?.roles).toEqual(['logistics'])
  expect(laptop.db.prepare('SELECT * FROM ack_given').all()).toEqual([])
  expect(laptop.db.prepare('SELECT * FROM passing').all()).toEqual([])
  // Once more: nothing is new.
  expect(laptop.pass()).toEqual({ codes: [], statements: 0, bodies: 0, checkpoints: 0 })
})

test('after two weeks it costs every statement and the values of today, and old cosignatures do', () => {
  put('before')
  laptop.pass()
  const { id } = put('goes')
  for (let i = 0; i < 5; i++) {
    const fragment = fragmentOf('USA', { title: `edition ${i}` }, id)
    gbr.send([putOf(fragment)], [fragment])
  }
  const { id: dropped } = put('dropped')
  drop(dropOf(dropped))
  nowMs = atMs + 2 * weekMs
  expect(laptop.pass()).toMatchObject({ codes: [], statements: 8, bodies: 1 })
  expect(titles(laptop)).toEqual(['before', 'edition 4'])
  expect(atLaptop()).toEqual(alike())
  // Nobody has vouched for it since.
  expect(laptop.view.byRecord(id)[0]?.provenAtMs).toBe(atMs)
})

test('what was dropped of a record before the laptop came is missing there, and the rest is shown', () => {
  const { id } = put('half', { supplier: 'Works' })
  drop(dropOf(id, ['supplier']))
  expect(laptop.pass().codes).toEqual([])
  expect(Object.keys(laptop.view.byRecord(id)[0]?.fields ?? {})).toEqual(['title'])
  expect(laptop.codes()).toEqual([])
})

test('a recall reaches it, and until then the receiver knows that it may still hold something', () => {
  put('xq7canary81zt')
  put('stays')
  laptop.pass()
  recall(0, true)
  expect(titles(gbr)).toEqual(['stays'])
  expect(laptop.unpurged()).toEqual([{ nation: 'USA', recalls: 1 }])
  expect(laptop.pass().codes).toEqual([])
  expect(titles(laptop)).toEqual(['stays'])
  expect(laptop.unpurged()).toEqual([])
  const tables = laptop.db.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all()
  for (const { name } of tables)
    expect(
      JSON.stringify(laptop.db.prepare(`SELECT * FROM "${name as string}"`).all()),
    ).not.toContain('xq7canary81zt')
})

test('a body that the receiver refused at first comes late', () => {
  const fragment = fragmentOf('USA', { title: 'late' })
  const opening = putOf(fragment)
  gbr.send([opening], [null])
  expect(gbr.codes()).toEqual(['FRAGMENT_FORM'])
  put('first')
  laptop.pass()
  expect(titles(laptop)).toEqual(['first'])
  const { feed } = placeOf(0)
  gbr.admission.body(gbr.partner('USA'), { t: 'body', feed, seq: 0, opening, body: fragment })
  expect(laptop.pass()).toEqual({ codes: [], statements: 0, bodies: 1, checkpoints: 0 })
  expect(titles(laptop)).toEqual(['first', 'late'])
})

test('what is taken back before its quorum is hidden there too', () => {
  const { id } = put('goes')
  laptop.pass()
  const opening = dropOf(id)
  const logged = gbr.usa.log('release', gbr.usa.release([opening], { effect: 'narrow' }))
  gbr.admission.notice(gbr.partner('USA'), gbr.usa.notice(logged, [opening]))
  expect(laptop.pass().codes).toEqual([])
  expect(titles(laptop)).toEqual([])
  expect(laptop.db.prepare('SELECT record FROM held_in').all()).toEqual([{ record: id }])
})

/** Without what its witnesses have signed. */
const bare = (note: string): string => {
  const { text, signatures } = parseNote(note)
  return formatNote({ text, signatures: signatures.slice(0, 1) })
}

test('what older witnesses had cosigned is good once those of today vouch for what it is a part of', () => {
  put('first')
  put('second')
  const { id } = put('third')
  drop(dropOf(id))
  const notes = gbr.db.prepare('SELECT json FROM passing ORDER BY n').all()
  const last = gbr.usa.size()
  /** All but the newest checkpoint is of before the witnesses of today. */
  const aged = (item: PassedItem, isLastToo = false): PassedItem => {
    const { frame } = item
    const isOf = (note: string) => Number(note.split('\n')[1]) < last || isLastToo
    if (frame.t === 'head')
      return isOf(frame.checkpoint)
        ? { ...item, frame: { ...frame, checkpoint: bare(frame.checkpoint) } }
        : item
    if (frame.t !== 'statement') return item
    const { checkpoint, ...proof } = parseTlogProof(frame.proof)
    return isOf(checkpoint)
      ? {
          ...item,
          frame: { ...frame, proof: formatTlogProof({ ...proof, checkpoint: bare(checkpoint) }) },
        }
      : item
  }
  expect(notes.length).toBeGreaterThan(6)
  expect(laptop.pass((item) => aged(item, true)).codes).toEqual(['QUORUM_NOT_MET'])
  expect(laptop.db.prepare('SELECT * FROM partner_checkpoint').all()).toEqual([])
  expect(laptop.pass(aged).codes).toEqual([])
  expect(titles(laptop)).toEqual(['first', 'second'])
  expect(atLaptop()).toEqual(alike())
})

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
  const logged = gbr.usa.log('release', gbr.usa.release([opening], { recipient: 'CAN' }))
  put('fourth')
  return gbr.usa.frame(logged, { openings: [opening], bodies: [fragment] })
}
/** What the sender has never said, under the key of another nation. */
function planted(): Pick<Frame<'statement'>, 'jws' | 'openings' | 'bodies'> {
  const fragment = fragmentOf('USA', { title: 'planted' })
  const opening = putOf(fragment)
  const { log } = createHostileSender(federation, 'CAN', 'GBR', atMs)
  const { jws } = log('release', gbr.usa.release([opening], { seq: 1 }))
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
        ? { ...item, frame: { ...item.frame, checkpoint: gbr.usa.signedCheckpoint() } }
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
  put('first')
  laptop.pass()
  put('second')
  put('third')
  const { codes } = laptop.pass(tell())
  expect([...new Set([...codes, ...laptop.codes()])]).toEqual(code === '' ? [] : [code])
  expect(titles(laptop)).toEqual(shown)
})

test('a receiver that shows again what was dropped is not heard', () => {
  const { fragment, opening, id } = put('dropped')
  drop(dropOf(id))
  laptop.pass()
  const { feed } = placeOf(0)
  const again: PassedItem['frame'] = { t: 'body', feed, seq: 0, opening, body: fragment }
  put('next')
  laptop.pass((item) => (item.frame.t === 'head' ? { ...item, frame: again } : item))
  expect(titles(laptop)).toEqual([])
  laptop.pass()
  expect(titles(laptop)).toEqual(['next'])
})

test('a reset closes the feed at the laptop too, though the receiver had come further with it', () => {
  put('first')
  laptop.pass()
  put('second')
  const { feed, jws } = placeOf(1)
  const reset = gbr.usa.log('reset', {
    ...{ origin: gbr.usa.origin, at: atMs, feed: null, seq: 0, prev: null, recipient: 'GBR' },
    dataset: 'production',
    replaces: { feed, seq: 1, statement: statementHash(jws) },
    reason: 'a test',
  })
  const [row] = gbr.db.prepare('SELECT MAX(size) AS size FROM partner_checkpoint').all()
  const frame = gbr.usa.frame(reset, { baseSize: row?.['size'] as number })
  gbr.admission.statement(gbr.partner('USA'), frame)
  expect(laptop.pass()).toMatchObject({ codes: [], statements: 1, bodies: 0 })
  expect(titles(laptop)).toEqual([])
  expect(atLaptop()['feeds']).toEqual(alike()['feeds'])
})

test('a receiver that has lost its list, and took the log in again, has the log prove what the laptop lacks', async () => {
  const sent = [put('first')]
  laptop.pass()
  sent.push(put('second'))
  using fresh = openReceiver(federation.folder('GBR'), () => atMs)
  const partner = fresh.partner('USA')
  for (const [seq, { opening, fragment }] of sent.entries()) {
    const { idx, jws, salt } = gbr.db
      .prepare('SELECT idx, jws, salt FROM statement_in WHERE seq = ?')
      .get(seq) as { idx: number; jws: string; salt: Uint8Array }
    const parts = { baseSize: seq === 0 ? 0 : gbr.usa.size(), openings: [opening] }
    const frame = gbr.usa.frame({ index: idx, jws, salt }, { ...parts, bodies: [fragment] })
    fresh.admission.statement(partner, frame)
  }
  expect(laptop.pass(undefined, fresh).codes).toEqual(['CHECKPOINT_BASE'])
  const [held] = createPassedTaker(laptop.deps, laptop.admission).trees()
  const joined = (prove: Parameters<typeof joinTree>[4]) =>
    joinTree(fresh.deps, partner, held, 0, prove)
  expect(await joined(async () => null)).toBe('waits')
  const join = await joined(async (_, { size }) => gbr.usa.consistency(size).map(formatBase64))
  const proven = (item: PassedItem): PassedItem =>
    join !== null && join !== 'waits' && item.n === join.n && item.frame.t === 'head'
      ? { ...item, frame: { ...item.frame, base: join.base } }
      : item
  expect(laptop.pass(proven, fresh)).toMatchObject({ codes: [], statements: 2 })
  expect(titles(laptop)).toEqual(['first', 'second'])
})

/** The end of a stream at the receiver, as whoever opened it sees it. */
async function openStream(member: { readonly revocations: readonly { key: string }[] }) {
  const limits = { maxFrameBytes: 8 << 20, highWaterBytes: 1 << 20 }
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
  const deps = { ...gbr.deps, siblings: [sibling], self: { ...gbr.deps.self, member } }
  const source = {
    keys: () => ({ seals: [], recalls: [] }),
    mayPass: () => true,
    onNews: () => () => {},
  }
  const context = { deps, known: deps, transport, admission: gbr.admission, source }
  const links = await createReceivedLinks(context as never)
  const serve = (peerId: string) => handler({ ...near, peerId }).catch((error: unknown) => error)
  return { links, serve, far }
}

test('a laptop whose key is revoked, and a partner, are told nothing', async () => {
  put('first')
  const member = { revocations: [] as { key: string }[] }
  const { links, serve, far } = await openStream(member)
  await using _ = links
  expect(await serve('a partner')).toMatchObject({ message: 'this peer is no node of our nation' })
  const served = serve('laptop')
  await far.send(encodePassed({ t: 'from', name: null, reached: [], trees: [] }))
  const heard: string[] = []
  for await (const bytes of far.frames) {
    const { t } = decodePassed(bytes, PassedFrame)
    heard.push(t)
    if (t === 'all') break
  }
  expect(heard).toEqual(['journal', 'keys', 'item', 'item', 'all'])
  member.revocations.push({ key: 'stolen' })
  links.revoked()
  await served
  expect(await serve('laptop')).toMatchObject({
    message: 'the key of laptop is revoked: nothing is said to it',
  })
})
