import { statementHash } from '@entente/node/testing'
import { digestOf, peekJws, toBase64url } from '@entente/schema'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createFederation, type Federation } from '../support/federation.ts'
import { fragmentOf, type Logged, putOf } from '../support/hostile-sender.ts'
import { openPair } from '../support/pair.ts'
import { refusalOf } from '../support/receiver.ts'

// Kinds of statements beside releases: USA signs with its own keys, GBR judges.
const atMs = Date.UTC(2026, 8, 21)
let federation: Federation
beforeAll(() => {
  federation = createFederation(['GBR', 'USA'])
})
afterAll(() => federation[Symbol.asyncDispose]())

const other = toBase64url(new Uint8Array(32).fill(7))

/** The USA with a control feed to the GBR beside its feed for `production`. */
function openTalk() {
  const pair = openPair(federation, atMs)
  const { usa, admission, db, partner } = pair
  let last: string | null = null
  let feed: string | null = null
  let seq = 0
  const baseSize = () =>
    (db.prepare('SELECT MAX(size) AS size FROM partner_checkpoint').get()?.['size'] as
      | number
      | null) ?? 0
  const take = (statement: Logged, bodies: readonly unknown[] = []) =>
    admission.statement(
      partner('USA'),
      usa.frame(statement, { baseSize: baseSize(), bodies: [...bodies] }),
    )
  /** The next statement of the control feed. */
  const log = (kind: string, said: object) =>
    usa.log(kind, {
      origin: usa.origin,
      at: atMs,
      feed,
      seq,
      prev: last,
      recipient: 'GBR',
      ...said,
    })
  const follow = (statement: Logged) => {
    last = statementHash(statement.jws)
    feed ??= last
    seq++
    return statement
  }
  /** What was released last, named as a statement of its feed. */
  const placeOf = ({ jws }: Logged) => {
    const { feed: of, seq: at } = peekJws(jws).payload as { feed: string | null; seq: number }
    const statement = statementHash(jws)
    return { feed: of ?? statement, seq: at, statement }
  }
  const release = (title: string) => {
    const fragment = fragmentOf('USA', { title })
    const opening = putOf(fragment)
    const statement = usa.log('release', usa.release([opening]))
    usa.follow(statement)
    return { fragment, opening, statement, place: placeOf(statement) }
  }
  const put = ({ statement, opening, fragment }: ReturnType<typeof release>) =>
    admission.statement(
      partner('USA'),
      usa.frame(statement, {
        baseSize: baseSize(),
        openings: [opening],
        bodies: [fragment],
      }),
    )
  const recall = (
    place: ReturnType<typeof placeOf>,
    said: Readonly<Record<string, unknown>> = {},
  ) =>
    log('recall', {
      dataset: 'production',
      release: place,
      entries: [],
      purge: false,
      reason: 'a test',
      ...said,
    })
  return { ...pair, take, log, follow, release, put, recall, placeOf, baseSize }
}
const nothingHeld = (gbr: ReturnType<typeof openTalk>) => {
  const { held, view, text } = gbr.state()
  expect({ held, view, text }).toEqual({ held: [], view: [], text: [] })
}

test('case 28: a recalled release is taken back, and refused when it is sent again', () => {
  using gbr = openTalk()
  const first = gbr.release('first')
  gbr.put(first)
  expect(gbr.view.search('first', 5)).toHaveLength(1)
  gbr.take(gbr.follow(gbr.recall(first.place)))
  nothingHeld(gbr)
  gbr.put(first)
  nothingHeld(gbr)
  const frame = { t: 'body', ...first.place, opening: first.opening, body: first.fragment } as const
  expect(gbr.admission.body(gbr.partner('USA'), frame)).toBe(null)
  nothingHeld(gbr)
  // What is released anew is another release.
  gbr.put(gbr.release('second'))
  expect(gbr.view.search('second', 5)).toHaveLength(1)
})

test('case 28: a release that was recalled before it came is refused, and its feed goes on', () => {
  using gbr = openTalk()
  const first = gbr.release('first')
  gbr.take(gbr.follow(gbr.recall(first.place)))
  const ack = peekJws(gbr.put(first)).payload as { seq: number; unopened: number }
  expect(ack).toMatchObject({ seq: 0, unopened: 1 })
  nothingHeld(gbr)
  expect(gbr.codes()).toEqual([])
  gbr.put(gbr.release('second'))
  expect(gbr.view.search('second', 5)).toHaveLength(1)
})

test('a recall that names entries leaves the others', () => {
  using gbr = openTalk()
  const fragments = ['first', 'second'].map((title) => fragmentOf('USA', { title }))
  const openings = fragments.map((fragment) => putOf(fragment))
  gbr.send(openings, fragments)
  const [row] = gbr.db.prepare('SELECT jws FROM statement_in').all()
  const place = gbr.placeOf({ index: 0, jws: row?.['jws'] as string, salt: new Uint8Array() })
  const entry = gbr.db
    .prepare('SELECT entry FROM held_in WHERE record = ?')
    .get(fragments[0]?.head.id ?? '')?.['entry'] as string
  gbr.take(gbr.follow(gbr.recall(place, { entries: [entry] })))
  expect(gbr.view.search('first', 5)).toEqual([])
  expect(gbr.view.search('second', 5)).toHaveLength(1)
})

test('a put after the release that is recalled stands', () => {
  using gbr = openTalk()
  const first = gbr.release('first')
  gbr.put(first)
  const again = fragmentOf('USA', { title: 'again' }, first.fragment.head.id)
  const opening = putOf(again)
  const statement = gbr.usa.log('release', gbr.usa.release([opening]))
  gbr.usa.follow(statement)
  gbr.put({ statement, opening, fragment: again, place: gbr.placeOf(statement) })
  gbr.take(gbr.follow(gbr.recall(first.place)))
  expect(gbr.view.search('again', 5)).toHaveLength(1)
})

test('a recall takes effect as a notice, before its quorum', () => {
  using gbr = openTalk()
  const first = gbr.release('first')
  gbr.put(first)
  const recall = gbr.recall(first.place, { purge: true })
  gbr.admission.notice(gbr.partner('USA'), gbr.usa.notice(recall, []))
  nothingHeld(gbr)
  gbr.put(first)
  nothingHeld(gbr)
  gbr.take(gbr.follow(recall))
  expect(gbr.db.prepare('SELECT purged FROM recall_in').all()).toEqual([{ purged: 1 }])
})

test.each<[fact: string, said: object]>([
  ['names another statement at that place', { statement: other }],
  ['names a feed of another dataset', {}],
])('a recall that %s is refused', (fact, change) => {
  using gbr = openTalk()
  const first = gbr.release('first')
  gbr.put(first)
  const said = fact.includes('dataset') ? { dataset: 'needs' } : {}
  const forged = gbr.recall({ ...first.place, ...change }, said)
  expect(refusalOf(() => gbr.take(forged))).toBe('RECALL_MISMATCH')
  expect(gbr.view.search('first', 5)).toHaveLength(1)
})

test('consent, request and answer come with what they name, or not at all; what is unknown stands in the chain and is counted', () => {
  using gbr = openTalk()
  const first = gbr.release('first')
  gbr.put(first)
  const { held, view } = gbr.state()
  const give = { action: 'give', consent: other, release: first.place, request: null }
  const body = { anything: 'of a later version' }
  const asked = gbr.log('request', { ask: 'release', body: digestOf(body) })
  for (const wrong of [null, { anything: 'else' }, { deep: 0.5 }])
    expect(refusalOf(() => gbr.take(asked, [wrong]))).toBe('BODY_DIGEST')
  gbr.take(gbr.follow(asked), [body])
  gbr.take(gbr.follow(gbr.log('consent', { ...give, action: 'withdraw', release: null })))
  gbr.take(gbr.follow(gbr.log('answer', { about: other, decision: 'deny', arrived: atMs })))
  const kinds: readonly (readonly [string, object])[] = [
    ['invented-later', { critical: false, surprise: 'whatever' }],
  ]
  for (const [kind, said] of kinds) gbr.take(gbr.follow(gbr.log(kind, said)))
  expect(gbr.db.prepare('SELECT kind FROM kept_in ORDER BY seq').all()).toEqual(
    kinds.map(([kind]) => ({ kind })),
  )
  expect(gbr.state()).toMatchObject({ held, view })
  const forged = gbr.log('request', { ask: 'everything', body: other })
  expect(refusalOf(() => gbr.take(forged))).toBe('STATEMENT_FORM')
  const given = gbr.log('consent', give)
  for (const wrong of [null, 'no consent', 7])
    expect(refusalOf(() => gbr.take(given, [wrong]))).toBe('BODY_DIGEST')
})

test('what stands in a joint document is no statement of a feed to one nation; other feeds go on', () => {
  using gbr = openTalk()
  const joint = gbr.log('joint', { document: other, recipients: ['GBR'] })
  expect(refusalOf(() => gbr.take(joint))).toBe('STATEMENT_KIND')
  const vote = gbr.log('vote', { document: other, heads: ['a'.repeat(64)], choice: 'endorse' })
  expect(refusalOf(() => gbr.take(vote))).toBe('STATEMENT_KIND')
  expect(refusalOf(() => gbr.take(gbr.log('later', { critical: true })))).toBe('UPGRADE_NEEDED')
  gbr.put(gbr.release('first'))
  expect(gbr.view.search('first', 5)).toHaveLength(1)
})

test('a purge is told to who recalled', () => {
  using gbr = openTalk()
  const purge = { recall: { feed: other, seq: 4, statement: other }, purged: 2 }
  gbr.take(gbr.follow(gbr.log('purge', purge)))
  expect(gbr.purges).toEqual(['USA 4'])
})

test('a reset takes back all of the feed it replaces, and nothing of that feed is heard again', () => {
  using gbr = openTalk()
  const first = gbr.release('first')
  gbr.put(first)
  const left = gbr.release('never sent')
  const reset = (said: object = {}) =>
    gbr.usa.log('reset', {
      origin: gbr.usa.origin,
      at: atMs,
      feed: null,
      seq: 0,
      prev: null,
      recipient: 'GBR',
      dataset: 'production',
      replaces: first.place,
      reason: 'a broken chain',
      ...said,
    })
  for (const replaces of [
    { ...first.place, feed: other },
    { ...first.place, statement: other },
    { ...first.place, seq: 7 },
  ])
    expect(refusalOf(() => gbr.take(reset({ replaces })))).toBe('RESET_MISMATCH')
  expect(gbr.view.search('first', 5)).toHaveLength(1)

  const begun = reset()
  gbr.take(begun)
  nothingHeld(gbr)
  expect(refusalOf(() => gbr.put(left))).toBe('FEED_CLOSED')
  expect(refusalOf(() => gbr.put(first))).toBe('FEED_CLOSED')
  gbr.take(begun)
  nothingHeld(gbr)

  const fragment = fragmentOf('USA', { title: 'anew' }, first.fragment.head.id)
  const opening = putOf(fragment)
  const feed = statementHash(begun.jws)
  const anew = gbr.usa.log('release', gbr.usa.release([opening], { feed, seq: 1, prev: feed }))
  gbr.put({ statement: anew, opening, fragment, place: gbr.placeOf(anew) })
  expect(gbr.view.search('anew', 5)).toHaveLength(1)
})
