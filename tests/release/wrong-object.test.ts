import { statementHash } from '@entente/node/testing'
import type { Fragment, Json } from '@entente/schema'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createFederation, type Federation } from '../support/federation.ts'
import {
  createHostileSender,
  dropOf,
  fragmentOf,
  type HostileSender,
  type Logged,
  newRecordId,
  putOf,
} from '../support/hostile-sender.ts'
import { openReceiver, refusalOf } from '../support/receiver.ts'
import { livePolicy } from '../support/scenario.ts'

// CVE-2026-56424: a server checked the caller's rights on another object than the one it then wrote, so that one organisation wrote
// into another's. Here AUS, with keys of its own that are good, speaks to GBR of what is the USA's or GBR's.
const atMs = Date.UTC(2026, 8, 21)
let federation: Federation
beforeAll(() => {
  federation = createFederation(['AUS', 'GBR', 'USA'])
})
afterAll(() => federation[Symbol.asyncDispose]())

type Said = Readonly<Record<string, unknown>>

/** GBR, which holds one record of the USA and one of AUS, and has one of its own. */
function openThree() {
  const gbr = openReceiver(federation.folder('GBR'), () => atMs)
  const theirs = fragmentOf('USA', { title: 'of the USA', supplier: 'Example Optics' })
  const own = newRecordId()
  gbr.db
    .prepare(
      'INSERT INTO record(id, kind, dataset, status, shard, digest, json) VALUES (?, ?, ?, ?, ?, ?, ?)',
    )
    .run(own, 'capability', 'production', 'active', 'shard', 'digest', '{}')
  const sender = (nation: 'AUS' | 'USA') => {
    const node = createHostileSender(federation, nation, 'GBR', atMs, [
      nation === 'AUS' ? 'USA' : 'AUS',
      'GBR',
    ])
    node.logPolicy(livePolicy(nation))
    const origin = `${nation.toLowerCase()}.entente.example/release-log/1`
    const baseSize = () =>
      (gbr.db
        .prepare('SELECT MAX(size) AS size FROM partner_checkpoint WHERE origin = ?')
        .get(origin)?.['size'] as number | null) ?? 0
    const take = (statement: Logged, parts: Parameters<HostileSender['frame']>[1] = {}) =>
      gbr.admission.statement(
        gbr.partner(nation),
        node.frame(statement, { baseSize: baseSize(), ...parts }),
      )
    const put = (body: Fragment, change: Said = {}) => {
      const opening = putOf(body)
      const statement = node.log('release', node.release([opening], change))
      const run = () => take(statement, { openings: [opening], bodies: [body] })
      return { opening, statement, run }
    }
    return { node, take, put }
  }
  const usa = sender('USA')
  const aus = sender('AUS')
  const released = usa.put(theirs)
  released.run()
  usa.node.follow(released.statement)
  const first = aus.put(fragmentOf('AUS', { title: 'of AUS' }))
  first.run()
  aus.node.follow(first.statement)
  const { feed } = gbr.db.prepare("SELECT feed FROM feed_in WHERE sender = 'USA'").get() as {
    feed: string
  }
  const place = { feed, seq: 0, statement: statementHash(released.statement.jws) }
  /** What GBR holds and shows of others than AUS, and where their feeds stand. */
  const untouched = () => {
    const rows = (sql: string) => gbr.db.prepare(sql).all()
    return {
      feeds: rows("SELECT feed, seq, last, body_seq FROM feed_in WHERE sender <> 'AUS'"),
      statements: rows("SELECT feed, seq, jws FROM statement_in WHERE sender <> 'AUS'"),
      held: rows("SELECT held_in.* FROM held_in JOIN feed_in USING (feed) WHERE sender <> 'AUS'"),
      hidden: rows(
        "SELECT hidden_in.* FROM hidden_in JOIN feed_in USING (feed) WHERE sender <> 'AUS'",
      ),
      view: rows("SELECT source, record, title, fields FROM view_row WHERE originator <> 'AUS'"),
      own: rows('SELECT * FROM record'),
      closed: rows('SELECT * FROM closed_in'),
      given: rows("SELECT jws FROM ack_given JOIN feed_in USING (feed) WHERE sender <> 'AUS'"),
    }
  }
  return { ...gbr, usa, aus, theirs, released, own, feed, place, untouched }
}
type Three = ReturnType<typeof openThree>
const control = (three: Three, kind: string, payload: Said): Logged =>
  three.aus.node.log(kind, {
    origin: three.aus.node.origin,
    at: atMs,
    feed: null,
    seq: 0,
    prev: null,
    recipient: 'GBR',
    ...payload,
  })

const lie: Readonly<Record<string, Json>> = { title: 'a lie' }
/** What AUS does; what GBR answers: a code, codes of bodies put aside, or nothing because it changes nothing. */
test.each<[what: string, run: (three: Three) => unknown, code: string | null, aside: string[]]>([
  [
    'puts its own value under the id of a record of the USA',
    ({ aus, theirs }) => aus.put(fragmentOf('AUS', lie, theirs.head.id)).run(),
    null,
    ['FRAGMENT_IDENTITY'],
  ],
  [
    'puts its own value under the id of a record of GBR',
    ({ aus, own }) => aus.put(fragmentOf('AUS', lie, own)).run(),
    null,
    ['FRAGMENT_IDENTITY'],
  ],
  [
    'puts a record as one of the USA',
    ({ aus, theirs }) => aus.put(fragmentOf('USA', lie, theirs.head.id)).run(),
    null,
    ['ORIGINATOR'],
  ],
  [
    'goes on with the feed of the USA',
    ({ aus, feed, place }) =>
      aus.put(fragmentOf('AUS', lie), { feed, seq: 1, prev: place.statement }).run(),
    'FEED_UNKNOWN',
    [],
  ],
  [
    'says again what stands in the feed of the USA, in other words',
    ({ aus, feed }) => aus.put(fragmentOf('AUS', lie), { feed, seq: 0 }).run(),
    'FEED_CHAIN',
    [],
  ],
  [
    'speaks as a leaf of the log of the USA',
    ({ aus, usa }) => aus.put(fragmentOf('AUS', lie), { origin: usa.node.origin }).run(),
    'STATEMENT_ORIGIN',
    [],
  ],
  [
    'shows the log of the USA as its own',
    ({ usa, admission, partner, released }) =>
      admission.statement(partner('AUS'), usa.node.frame(released.statement)),
    'NOTE_UNSIGNED',
    [],
  ],
  [
    'drops a record of the USA in its own feed',
    ({ aus, theirs }) => {
      const opening = dropOf(theirs.head.id)
      const said = aus.node.release([opening], { effect: 'narrow' })
      return aus.take(aus.node.log('release', said), { openings: [opening], bodies: [null] })
    },
    null,
    [],
  ],
  [
    'drops a record of the USA by a notice in its own feed',
    ({ aus, theirs, admission, partner }) => {
      const opening = dropOf(theirs.head.id)
      const said = aus.node.release([opening], { effect: 'narrow' })
      admission.notice(partner('AUS'), aus.node.notice(aus.node.log('release', said), [opening]))
    },
    null,
    [],
  ],
  [
    'hides a record of the USA by a notice in the feed of the USA',
    ({ aus, theirs, feed, place, admission, partner }) => {
      const opening = dropOf(theirs.head.id)
      const change = { effect: 'narrow', feed, seq: 1, prev: place.statement }
      const said = aus.node.release([opening], change)
      admission.notice(partner('AUS'), aus.node.notice(aus.node.log('release', said), [opening]))
    },
    null,
    [],
  ],
  [
    'recalls a release of the USA',
    (three) => three.aus.take(control(three, 'recall', recallOf(three))),
    'RECALL_MISMATCH',
    [],
  ],
  [
    'recalls a release of the USA by a notice',
    (three) => {
      const recall = control(three, 'recall', recallOf(three))
      three.admission.notice(three.partner('AUS'), three.aus.node.notice(recall, []))
    },
    'RECALL_MISMATCH',
    [],
  ],
  [
    'begins the feed of the USA anew',
    (three) => three.aus.take(control(three, 'reset', resetOf(three))),
    'RESET_MISMATCH',
    [],
  ],
  [
    'hides the feed of the USA by a reset that has no quorum',
    (three) => {
      const reset = control(three, 'reset', resetOf(three))
      three.admission.notice(three.partner('AUS'), three.aus.node.notice(reset, []))
    },
    'RESET_MISMATCH',
    [],
  ],
])('leak 23: AUS %s, and nothing of another nation is written', (_, run, code, aside) => {
  using three = openThree()
  const before = three.untouched()
  expect(before.view).toHaveLength(1)
  expect(refusalOf(() => run(three))).toBe(code)
  expect(three.untouched()).toEqual(before)
  expect(three.view.search('lie', 5)).toEqual([])
  const codes = three.db.prepare('SELECT code FROM quarantine').all()
  expect(codes.map((row) => row['code'])).toEqual(aside)
})
const recallOf = ({ place }: Three) => ({
  dataset: 'production',
  release: place,
  entries: [],
  purge: true,
  reason: 'a lie',
})
const resetOf = ({ place }: Three) => ({ dataset: 'production', replaces: place, reason: 'a lie' })

test('leak 23: AUS sends a body for an entry of the USA that was put aside, and it stays aside for the USA', () => {
  using three = openThree()
  const { usa, admission, partner, db } = three
  const good = fragmentOf('USA', { title: 'mended' })
  const [[salt, field] = ['', '']] = good.disclosures
  const bad = { ...good, disclosures: [[salt, field, 'a lie']] } as unknown as Fragment
  const opening = putOf(good)
  const statement = usa.node.log('release', usa.node.release([opening]))
  usa.take(statement, { openings: [opening], bodies: [bad] })
  const aside = () => db.prepare('SELECT * FROM quarantine').all()
  const before = [aside(), three.untouched()]
  expect(aside()).toMatchObject([{ code: 'DISCLOSURE_DIGEST' }])
  const frame = (body: Fragment) =>
    ({ t: 'body', feed: three.feed, seq: 1, opening, body }) as const
  for (const body of [fragmentOf('AUS', lie), bad, good])
    expect(admission.body(partner('AUS'), frame(body))).toBe(null)
  expect([aside(), three.untouched()]).toEqual(before)
  expect(admission.body(partner('USA'), frame(good))).not.toBe(null)
  expect(three.view.search('mended', 5)).toHaveLength(1)
})

test('leak 23: what is the USA’s stays writable by the USA, after all that AUS has tried', () => {
  using three = openThree()
  const { usa, theirs } = three
  const changed = fragmentOf('USA', { title: 'changed' }, theirs.head.id)
  usa.put(changed).run()
  expect(three.view.search('changed', 5)).toHaveLength(1)
})
