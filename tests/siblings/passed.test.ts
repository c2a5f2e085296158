import {
  createPassedTaker,
  joinTree,
  lastPassed,
  noteReached,
  type PassedItem,
  statementHash,
} from '@entente/node/testing'
import { formatBase64, formatNote, formatTlogProof, parseNote, parseTlogProof } from '@entente/tlog'
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest'
import { createFederation } from '../support/federation.ts'
import { dropOf, fragmentOf, putOf } from '../support/hostile-sender.ts'
import { openReceiver } from '../support/receiver.ts'
import { atMs, openNation } from './stage.ts'

const weekMs = 7 * 86_400_000
const federation = createFederation(['GBR', 'USA'])
afterAll(() => federation[Symbol.asyncDispose]())
let stage: ReturnType<typeof openNation>
let nowMs = atMs
beforeEach(() => {
  nowMs = atMs
  stage = openNation(federation, () => nowMs)
})
afterEach(() => stage[Symbol.dispose]())
const baseSize = () =>
  stage.gbr.db.prepare('SELECT MAX(size) AS size FROM partner_checkpoint').get()?.['size'] as number

test('what a partner gave the receiver is shown at the laptop, which says nothing to the partner', () => {
  stage.put('first', { supplier: 'Works' })
  const { fragment } = stage.put('second')
  stage.gbr.send([putOf(fragment, { roles: { title: ['logistics'] } })], [fragment])
  expect(stage.laptop.pass().codes).toEqual([])
  expect(stage.titles(stage.laptop)).toEqual(['first', 'second'])
  expect(stage.atLaptop()).toEqual(stage.alike())
  expect(stage.laptop.view.byRecord(fragment.head.id)[0]?.fields['title']?.roles).toEqual([
    'logistics',
  ])
  expect(stage.laptop.db.prepare('SELECT * FROM ack_given').all()).toEqual([])
  expect(stage.laptop.db.prepare('SELECT * FROM passing').all()).toEqual([])
  // Once more: nothing is new.
  expect(stage.laptop.pass()).toEqual({ codes: [], statements: 0, bodies: 0, checkpoints: 0 })
})

test('after two weeks it costs every statement and the values of today, and old cosignatures do', () => {
  stage.put('before')
  stage.laptop.pass()
  const { id } = stage.put('goes')
  for (let i = 0; i < 5; i++) {
    const fragment = fragmentOf('USA', { title: `edition ${i}` }, id)
    stage.gbr.send([putOf(fragment)], [fragment])
  }
  const { id: dropped } = stage.put('dropped')
  stage.drop(dropOf(dropped))
  nowMs = atMs + 2 * weekMs
  expect(stage.laptop.pass()).toMatchObject({ codes: [], statements: 8, bodies: 1 })
  expect(stage.titles(stage.laptop)).toEqual(['before', 'edition 4'])
  expect(stage.atLaptop()).toEqual(stage.alike())
  // Nobody has vouched for it since.
  expect(stage.laptop.view.byRecord(id)[0]?.provenAtMs).toBe(atMs)
})

test('what was dropped of a record before the laptop came is missing there, and the rest is shown', () => {
  const { id } = stage.put('half', { supplier: 'Works' })
  stage.drop(dropOf(id, ['supplier']))
  expect(stage.laptop.pass().codes).toEqual([])
  expect(Object.keys(stage.laptop.view.byRecord(id)[0]?.fields ?? {})).toEqual(['title'])
  expect(stage.laptop.codes()).toEqual([])
})

test('a recall reaches it, and until then the receiver knows that it may still hold something', () => {
  stage.put('xq7canary81zt')
  stage.put('stays')
  stage.laptop.pass()
  stage.recall(0, true)
  expect(stage.titles(stage.gbr)).toEqual(['stays'])
  expect(stage.laptop.unpurged()).toEqual([{ nation: 'USA', recalls: 1 }])
  expect(stage.laptop.pass().codes).toEqual([])
  expect(stage.titles(stage.laptop)).toEqual(['stays'])
  expect(stage.laptop.unpurged()).toEqual([])
  const tables = stage.laptop.db
    .prepare("SELECT name FROM sqlite_master WHERE type = 'table'")
    .all()
  for (const { name } of tables)
    expect(
      JSON.stringify(stage.laptop.db.prepare(`SELECT * FROM "${name as string}"`).all()),
    ).not.toContain('xq7canary81zt')
})

test('a body that the receiver refused at first comes late', () => {
  const fragment = fragmentOf('USA', { title: 'late' })
  const opening = putOf(fragment)
  stage.gbr.send([opening], [null])
  expect(stage.gbr.codes()).toEqual(['FRAGMENT_FORM'])
  stage.put('first')
  stage.laptop.pass()
  expect(stage.titles(stage.laptop)).toEqual(['first'])
  const { feed } = stage.placeOf(0)
  stage.gbr.admission.body(stage.gbr.partner('USA'), {
    t: 'body',
    feed,
    seq: 0,
    opening,
    body: fragment,
  })
  expect(stage.laptop.pass()).toEqual({ codes: [], statements: 0, bodies: 1, checkpoints: 0 })
  expect(stage.titles(stage.laptop)).toEqual(['first', 'late'])
})

test('what is taken back before its quorum is hidden there too', () => {
  const { id } = stage.put('goes')
  stage.laptop.pass()
  const opening = dropOf(id)
  const logged = stage.gbr.usa.log(
    'release',
    stage.gbr.usa.release([opening], { effect: 'narrow' }),
  )
  stage.gbr.admission.notice(stage.gbr.partner('USA'), stage.gbr.usa.notice(logged, [opening]))
  expect(stage.laptop.pass().codes).toEqual([])
  expect(stage.titles(stage.laptop)).toEqual([])
  expect(stage.laptop.db.prepare('SELECT record FROM held_in').all()).toEqual([{ record: id }])
})

test('what the receiver hides already is never passed on, though the line is cut before the word on it', () => {
  const gone = stage.put('xq7canary81zt')
  const half = stage.put('stays', { supplier: 'Works' })
  const openings = [dropOf(gone.id), dropOf(half.id, ['supplier'])]
  const logged = stage.gbr.usa.log('release', stage.gbr.usa.release(openings, { effect: 'narrow' }))
  stage.gbr.admission.notice(stage.gbr.partner('USA'), stage.gbr.usa.notice(logged, openings))
  expect(stage.laptop.pass((item) => (item.frame.t === 'notice' ? null : item)).codes).toEqual([])
  expect(stage.titles(stage.laptop)).toEqual(['stays'])
  expect(Object.keys(stage.laptop.view.byRecord(half.id)[0]?.fields ?? {})).toEqual(['title'])
  expect(JSON.stringify(stage.laptop.state())).not.toContain('xq7canary81zt')
  // What is put again after that is shown again.
  stage.gbr.usa.follow(logged)
  const frame = stage.gbr.usa.frame(logged, {
    baseSize: baseSize(),
    openings,
    bodies: [null, null],
  })
  stage.gbr.admission.statement(stage.gbr.partner('USA'), frame)
  const put = putOf(gone.fragment)
  const again = stage.gbr.usa.log('release', stage.gbr.usa.release([put]))
  stage.gbr.admission.statement(
    stage.gbr.partner('USA'),
    stage.gbr.usa.frame(again, { baseSize: baseSize(), openings: [put], bodies: [gone.fragment] }),
  )
  expect(stage.laptop.pass().codes).toEqual([])
  expect(stage.titles(stage.laptop)).toEqual(['stays', 'xq7canary81zt'])
})

test('of notices only what was carried out is listed, and what comes with the same one later too', () => {
  const [one, two] = [stage.put('one'), stage.put('two')]
  stage.laptop.pass()
  const { usa, admission, partner, db } = stage.gbr
  const openings = [dropOf(one.id), dropOf(two.id)]
  const listed = () =>
    db
      .prepare("SELECT json FROM passing WHERE kind = 'notice'")
      .all()
      .map(({ json }) => {
        const notice = JSON.parse(json as string) as { readonly openings: readonly unknown[] }
        return notice.openings
      })
  const nowhere = { feed: 'A'.repeat(43), seq: 1000, prev: 'A'.repeat(43) }
  const lost = usa.log('release', usa.release(openings, { effect: 'narrow', ...nowhere }))
  admission.notice(partner('USA'), usa.notice(lost, openings))
  const reset = usa.log('reset', {
    ...{ origin: usa.origin, at: atMs, feed: null, seq: 0, prev: null, recipient: 'GBR' },
    ...{ dataset: 'unknown', replaces: { feed: nowhere.feed, seq: 0, statement: nowhere.feed } },
    reason: 'a test',
  })
  admission.notice(partner('USA'), usa.notice(reset, openings))
  expect(listed()).toEqual([])
  const logged = usa.log('release', usa.release(openings, { effect: 'narrow' }))
  const others = Array.from({ length: 200 }, () => dropOf(one.id))
  for (const shown of [[], others, [...others, ...openings.slice(0, 1)]])
    admission.notice(partner('USA'), usa.notice(logged, shown))
  expect(listed()).toEqual([openings.slice(0, 1)])
  expect(stage.laptop.pass().codes).toEqual([])
  expect(stage.titles(stage.laptop)).toEqual(['two'])
  for (let i = 0; i < 2; i++)
    admission.notice(partner('USA'), usa.notice(logged, openings.slice(1)))
  expect(listed()).toEqual([openings])
  expect(stage.laptop.pass().codes).toEqual([])
  expect(stage.titles(stage.laptop)).toEqual([])
})

test('a purge that is told ahead counts as carried out only once no reader holds the bytes', () => {
  stage.put('xq7canary81zt')
  stage.laptop.pass()
  const { usa, admission, partner } = stage.gbr
  const { feed, jws } = stage.placeOf(0)
  const recall = usa.log('recall', {
    ...{ origin: usa.origin, at: atMs, feed: null, seq: 0, prev: null, recipient: 'GBR' },
    ...{ dataset: 'production', release: { feed, seq: 0, statement: statementHash(jws) } },
    ...{ entries: [], purge: true, reason: 'a test' },
  })
  admission.notice(partner('USA'), usa.notice(recall, []))
  const db = stage.laptop.db as { prepare: typeof stage.laptop.db.prepare }
  const { prepare } = db
  db.prepare = (sql) => prepare(sql.includes('wal_checkpoint') ? 'SELECT 1 AS busy' : sql)
  expect(stage.laptop.pass().codes).toEqual(['PURGE_PENDING'])
  db.prepare = prepare
  const [place] = createPassedTaker(stage.laptop.deps, stage.laptop.admission).reached()
  expect(place?.n).toBeLessThan(lastPassed(stage.gbr.deps))
  expect(stage.laptop.pass().codes).toEqual([])
  expect(stage.titles(stage.laptop)).toEqual([])
})

test('a laptop is not believed of recalls that nobody has said', () => {
  noteReached(stage.gbr.deps, 'another node', [], ['A'.repeat(43), 'B'.repeat(43)])
  expect(stage.gbr.db.prepare('SELECT * FROM passed_recall').all()).toEqual([])
})

test('a word that was revoked while the laptop was away is not waited for', () => {
  const { db } = stage.gbr
  stage.put('first')
  stage.laptop.pass()
  const word = db.prepare(
    "INSERT INTO root_recall(digest, nation, seal, purge, purged, deleted) VALUES (?, 'USA', ?, 1, 0, 1)",
  )
  for (const digest of ['counts', 'revoked']) word.run(digest, digest)
  db.exec("INSERT INTO root_recalled(record, nation, digest) VALUES ('a record', 'USA', 'counts')")
  expect(stage.laptop.unpurged()).toEqual([{ nation: 'USA', recalls: 1 }])
  noteReached(stage.gbr.deps, 'another node', [], ['counts'])
  expect(stage.laptop.unpurged()).toEqual([])
})

/** Without what its witnesses have signed. */
const bare = (note: string): string => {
  const { text, signatures } = parseNote(note)
  return formatNote({ text, signatures: signatures.slice(0, 1) })
}

/** All but the newest checkpoint is of before the witnesses of today. */
const aged = (item: PassedItem, isLastToo = false): PassedItem => {
  const { frame } = item
  const last = stage.gbr.usa.size()
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

test('what older witnesses had cosigned is good once those of today vouch for what it is a part of', () => {
  stage.put('first')
  stage.put('second')
  const { id } = stage.put('third')
  stage.drop(dropOf(id))
  const notes = stage.gbr.db.prepare('SELECT json FROM passing ORDER BY n').all()
  expect(notes.length).toBeGreaterThan(6)
  expect(stage.laptop.pass((item) => aged(item, true)).codes).toEqual(['QUORUM_NOT_MET'])
  expect(stage.laptop.db.prepare('SELECT * FROM partner_checkpoint').all()).toEqual([])
  expect(stage.laptop.pass(aged).codes).toEqual([])
  expect(stage.titles(stage.laptop)).toEqual(['first', 'second'])
  expect(stage.atLaptop()).toEqual(stage.alike())
})

test('a log that grows no more is good once the witnesses of today have cosigned the last of it again', () => {
  stage.put('first')
  stage.put('second')
  const { usa, db, deps } = stage.gbr
  const note = { note: usa.checkpoint(), base: { size: 0, hashes: [] } }
  db.prepare(
    "INSERT INTO passing(origin, kind, feed, seq, json) VALUES (?, 'again', NULL, NULL, ?)",
  ).run(usa.origin, JSON.stringify(note))
  expect(stage.laptop.pass((item) => aged(item, true)).codes).toEqual(['QUORUM_NOT_MET'])
  const cosigned = (item: PassedItem) => aged(item, item.n !== lastPassed(deps))
  expect(stage.laptop.pass(cosigned).codes).toEqual([])
  expect(stage.titles(stage.laptop)).toEqual(['first', 'second'])
  expect(stage.atLaptop()).toEqual(stage.alike())
})

test('a reset closes the feed at the laptop too, though the receiver had come further with it', () => {
  stage.put('first')
  stage.laptop.pass()
  stage.put('second')
  const { feed, jws } = stage.placeOf(1)
  const reset = stage.gbr.usa.log('reset', {
    ...{ origin: stage.gbr.usa.origin, at: atMs, feed: null, seq: 0, prev: null, recipient: 'GBR' },
    dataset: 'production',
    replaces: { feed, seq: 1, statement: statementHash(jws) },
    reason: 'a test',
  })
  const [row] = stage.gbr.db.prepare('SELECT MAX(size) AS size FROM partner_checkpoint').all()
  const frame = stage.gbr.usa.frame(reset, { baseSize: row?.['size'] as number })
  stage.gbr.admission.statement(stage.gbr.partner('USA'), frame)
  expect(stage.laptop.pass()).toMatchObject({ codes: [], statements: 1, bodies: 0 })
  expect(stage.titles(stage.laptop)).toEqual([])
  expect(stage.atLaptop()['feeds']).toEqual(stage.alike()['feeds'])
})

test('a policy that came with a feed which was replaced reaches a laptop that comes later', () => {
  stage.put('replaced')
  const fragment = fragmentOf('USA', { title: 'of another dataset' })
  const opening = putOf(fragment)
  const { usa } = stage.gbr
  const place = { dataset: 'other', feed: null, seq: 0, prev: null }
  const logged = usa.log('release', usa.release([opening], place))
  // A stream carries each policy once, with whichever feed comes first.
  const { policy: _, ...other } = usa.frame(logged, {
    baseSize: baseSize(),
    ...{ openings: [opening], bodies: [fragment] },
  })
  stage.gbr.admission.statement(stage.gbr.partner('USA'), other)
  const { feed, jws } = stage.gbr.db
    .prepare(
      "SELECT feed, jws FROM statement_in JOIN feed_in USING (feed) WHERE dataset <> 'other'",
    )
    .get() as { readonly feed: string; readonly jws: string }
  const reset = usa.log('reset', {
    ...{ origin: usa.origin, at: atMs, feed: null, seq: 0, prev: null, recipient: 'GBR' },
    ...{ dataset: 'production', replaces: { feed, seq: 0, statement: statementHash(jws) } },
    reason: 'a test',
  })
  const frame = usa.frame(reset, { baseSize: baseSize() })
  stage.gbr.admission.statement(stage.gbr.partner('USA'), frame)
  // Kept back, or under another tree than its own, it is missed, and asked for again.
  const without = stage.laptop.pass((item) => (item.frame.t === 'policy' ? null : item))
  expect(without.codes).toEqual(['POLICY_MISSING'])
  const forged = stage.laptop.pass((item) =>
    item.frame.t === 'policy'
      ? { ...item, frame: { ...item.frame, checkpoint: usa.signedCheckpoint() } }
      : item,
  )
  expect(forged.codes[0]).toBe('INCLUSION_PROOF_LENGTH')
  expect(stage.laptop.pass().codes).toEqual([])
  expect(stage.titles(stage.laptop)).toEqual(['of another dataset'])
  expect(stage.atLaptop()['feeds']).toEqual(stage.alike()['feeds'])
})

test('a receiver that has lost its list, and took the log in again, has the log prove what the laptop lacks', async () => {
  const sent = [stage.put('first')]
  stage.laptop.pass()
  sent.push(stage.put('second'))
  using fresh = openReceiver(federation.folder('GBR'), () => atMs)
  const partner = fresh.partner('USA')
  for (const [seq, { opening, fragment }] of sent.entries()) {
    const { idx, jws, salt } = stage.gbr.db
      .prepare('SELECT idx, jws, salt FROM statement_in WHERE seq = ?')
      .get(seq) as { idx: number; jws: string; salt: Uint8Array }
    const parts = { baseSize: seq === 0 ? 0 : stage.gbr.usa.size(), openings: [opening] }
    const frame = stage.gbr.usa.frame({ index: idx, jws, salt }, { ...parts, bodies: [fragment] })
    fresh.admission.statement(partner, frame)
  }
  expect(stage.laptop.pass(undefined, fresh).codes).toEqual(['CHECKPOINT_BASE'])
  const [held] = createPassedTaker(stage.laptop.deps, stage.laptop.admission).trees()
  const joined = (prove: Parameters<typeof joinTree>[4]) =>
    joinTree(fresh.deps, partner, held, 0, prove)
  expect(await joined(async () => null)).toBe('waits')
  const join = await joined(async (_, { size }) =>
    stage.gbr.usa.consistency(size).map(formatBase64),
  )
  const proven = (item: PassedItem): PassedItem =>
    join !== null && join !== 'waits' && item.n === join.n && item.frame.t === 'head'
      ? { ...item, frame: { ...item.frame, base: join.base } }
      : item
  expect(stage.laptop.pass(proven, fresh)).toMatchObject({ codes: [], statements: 2 })
  expect(stage.titles(stage.laptop)).toEqual(['first', 'second'])
})
