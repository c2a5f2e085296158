import { type Inputs, type RetransferConsent, sealConsent, toBase64url } from '@entente/schema'
import { expect, test } from 'vitest'
import { signerOf, verifyEd25519 } from '../../schema/test/signers.ts'
import { openDatabase } from '../src/adapters/sqlite-database.ts'
import { createConsentStore } from '../src/consents/consent-store.ts'
import type { Deps } from '../src/deps.ts'
import { migrations, tables } from '../src/layout.ts'
import type { ReleaseLog } from '../src/log/release-log.ts'
import type { BandStandings } from '../src/release/band-standings.ts'
import { createDecideDirty } from '../src/release/decide-dirty.ts'
import { addInputs } from '../src/release/keep-inputs.ts'
import type { Planner } from '../src/release/plan.ts'
import type { PolicyStore } from '../src/release/policy-store.ts'
import { selectionOf } from '../src/release/selection.ts'
import {
  MOST_ASKED,
  nextLateWord,
  noteSubscription,
  takeLateWords,
} from '../src/release/subscribe.ts'
import { createWaiting } from '../src/release/waiting.ts'

const HOUR_MS = 3_600_000

function openDeps(nowMs: () => number = () => 0) {
  const db = openDatabase(':memory:', tables)
  const refused: string[] = []
  const officer = (nation: string, key: ReturnType<typeof signerOf>) => [
    nation,
    { nation, officers: [{ nation, name: nation, key: toBase64url(key.publicKey) }] },
  ]
  const deps = {
    db,
    journal: { refused: ({ code }: { readonly code: string }) => void refused.push(code) },
    clock: { nowMs },
    nation: 'USA',
    roster: {
      members: new Map([officer('AUS', signerOf(1)), officer('GBR', signerOf(2))] as never),
    },
    verify: verifyEd25519,
  } as unknown as Deps
  return { db, deps, refused, [Symbol.dispose]: () => db[Symbol.dispose]() }
}

/** A consent of a nation; `n` and `until` together say when it ends. */
const seal = (n: number, until: number, nation = 'AUS') => {
  const key = signerOf(nation === 'AUS' ? 1 : 2)
  const consent: RetransferConsent = {
    nation,
    key: toBase64url(key.publicKey),
    holder: 'USA',
    record: `urn:entente:${'a'.repeat(32)}`,
    head: 'A'.repeat(43),
    fields: ['title'],
    transform: null,
    derived: false,
    recipients: ['CAN'],
    purpose: 'use',
    until: until + n,
  }
  return sealConsent(consent, key.sign)
}

test('a nation asks for so many datasets and no more, whether there are such or not; others are not touched, and room is made by giving one up', () => {
  using opened = openDeps()
  const { db, deps, refused } = opened
  for (let n = 0; n < MOST_ASKED + 3; n++) noteSubscription(deps, 'GBR', `no-such-${n}`, true)
  noteSubscription(deps, 'NOR', 'production', true)
  const rows = () =>
    db.prepare('SELECT nation, COUNT(*) AS n FROM subscription GROUP BY 1 ORDER BY 1').all()
  expect(rows().map((row) => [row['nation'], row['n']])).toEqual([
    ['GBR', MOST_ASKED],
    ['NOR', 1],
  ])
  expect(refused).toEqual(Array(3).fill('SUBSCRIPTION_FLOOD'))
  // What it asks for already it may ask for otherwise.
  noteSubscription(deps, 'GBR', 'no-such-0', { action: 'subscribe', kind: 'item', only: true })
  expect(selectionOf(db, 'GBR', 'no-such-0')).toEqual([{ kind: 'item' }])
  noteSubscription(deps, 'GBR', 'no-such-0', false)
  noteSubscription(deps, 'GBR', 'production', true)
  expect(selectionOf(db, 'GBR', 'production')).toEqual([{}])
})

test('a word that changes nothing decides nothing again', () => {
  using opened = openDeps()
  const { db, deps } = opened
  db.exec("INSERT INTO retransfer(record, dataset) VALUES ('r', 'production')")
  const dirty = () => db.prepare('DELETE FROM dirty RETURNING record').all().length
  const said = [true, true, false, false, true].map((asked) => {
    noteSubscription(deps, 'GBR', 'production', asked)
    return dirty()
  })
  expect(said).toEqual([1, 0, 1, 0, 1])
})

test('who changes its mind without end has its last word in its turn, one a minute, and a word that comes to the same as before never', () => {
  let nowMs = 0
  using opened = openDeps(() => nowMs)
  const { db, deps } = opened
  db.exec("INSERT INTO retransfer(record, dataset) VALUES ('r', 'production')")
  let decided = 0
  const again = () => {
    decided += db.prepare('DELETE FROM dirty RETURNING record').all().length
  }
  for (let n = 0; n < 1_000; n++) {
    noteSubscription(deps, 'GBR', 'production', n % 2 === 0)
    again()
  }
  expect(decided).toBe(16)
  expect(nextLateWord(deps)).toBe(Infinity)
  noteSubscription(deps, 'GBR', 'production', { action: 'subscribe', kind: 'item', only: true })
  expect(selectionOf(db, 'GBR', 'production')).toEqual([])
  // Others change theirs as before.
  noteSubscription(deps, 'NOR', 'production', true)
  again()
  expect(decided).toBe(17)
  expect(takeLateWords(deps)).toBe(false)
  nowMs = nextLateWord(deps)
  expect(nowMs).toBe(60_000)
  expect(takeLateWords(deps)).toBe(true)
  again()
  expect(decided).toBe(18)
  expect(selectionOf(db, 'GBR', 'production')).toEqual([{ kind: 'item' }])
  // A clock that is set back holds up nobody.
  noteSubscription(deps, 'GBR', 'production', false)
  nowMs -= HOUR_MS
  expect(takeLateWords(deps)).toBe(true)
  expect(selectionOf(db, 'GBR', 'production')).toEqual([])
  nowMs += HOUR_MS * 2
  noteSubscription(deps, 'GBR', 'production', true)
  again()
  expect(db.prepare('SELECT count(*) AS n FROM asked_turn').get()).toEqual({ n: 1 })
})

test('what was dirty first is decided first, whatever comes in behind it', () => {
  using opened = openDeps()
  const { db, deps } = opened
  const unknown = { source: () => null } as unknown as Planner
  const decide = createDecideDirty(
    { ...deps, partners: new Map(), releases: () => true } as unknown as Deps,
    { nextAtMs: () => 0 } as unknown as ReleaseLog,
    { at: () => null, latest: () => null } as unknown as PolicyStore,
    unknown,
    createWaiting(deps, unknown),
    { store: {}, queue: { recipientsOf: () => [], note: () => {} } } as never,
    { look: () => {} } as unknown as BandStandings,
    () => {},
  )
  const mark = db.prepare('INSERT OR IGNORE INTO dirty(record) VALUES (?)')
  mark.run('z')
  for (let n = 0; n < 400; n++) mark.run(`a${n}`)
  decide()
  expect(db.prepare("SELECT record FROM dirty WHERE record = 'z'").all()).toEqual([])
  expect(db.prepare('SELECT record FROM dirty').all().length).toBeGreaterThan(0)
})

test('of one nation so many consents are kept as they come; others are not touched, what ended makes room, and what a release rests on never does', () => {
  let nowMs = 0
  using opened = openDeps(() => nowMs)
  const { db, deps } = opened
  const store = createConsentStore(deps, 2)
  store.take(seal(1, HOUR_MS))
  store.take(seal(2, HOUR_MS))
  // Again, as after a crash.
  store.take(seal(2, HOUR_MS))
  const flood = expect.objectContaining({ code: 'CONSENT_FLOOD' })
  expect(() => store.take(seal(3, HOUR_MS * 9))).toThrow(flood)
  store.take(seal(3, HOUR_MS, 'GBR'))
  expect(store.install(seal(4, HOUR_MS * 9))).toEqual([])
  // One that ended has let a release go: auditors ask for it.
  const { digest } = store.check(seal(1, HOUR_MS))
  addInputs(db, 1, { consents: [digest] } as unknown as Inputs)
  nowMs = HOUR_MS * 2
  expect(() => store.take(seal(5, HOUR_MS * 9))).toThrow(flood)
  nowMs = HOUR_MS * 10
  store.take(seal(6, HOUR_MS * 20))
  store.reload()
  const left = store.all().map(({ digest: about }) => about)
  expect(left).toContain(digest)
  expect(left).toContain(store.check(seal(6, HOUR_MS * 20)).digest)
  // What has ended of another nation makes room when that one needs it.
  expect(
    store
      .all()
      .map(({ consent }) => consent.nation)
      .sort(),
  ).toEqual(['AUS', 'AUS', 'GBR'])
})

test('room is made among the consents of the nation that needs it, in an hour of its own, and no decision is read for it nor for one that has ended', () => {
  let nowMs = 0
  using opened = openDeps(() => nowMs)
  const { db, deps } = opened
  const asked: string[] = []
  const prepare: typeof db.prepare = (sql) => {
    asked.push(sql)
    return db.prepare(sql)
  }
  const store = createConsentStore({ ...deps, db: { ...db, prepare } }, 1)
  const flood = expect.objectContaining({ code: 'CONSENT_FLOOD' })
  store.take(seal(1, HOUR_MS))
  store.take(seal(1, HOUR_MS, 'GBR'))
  nowMs = HOUR_MS - 1
  expect(() => store.take(seal(2, HOUR_MS * 9))).toThrow(flood)
  nowMs = HOUR_MS + 1
  // AUS has had its look in this hour; GBR has not, and what has ended of AUS is not its to clear.
  expect(() => store.take(seal(2, HOUR_MS * 9))).toThrow(flood)
  store.take(seal(2, HOUR_MS * 9, 'GBR'))
  store.reload()
  expect(store.all().map(({ consent }) => [consent.nation, consent.until])).toEqual([
    ['AUS', HOUR_MS + 1],
    ['GBR', HOUR_MS * 9 + 2],
  ])
  expect(() => store.check(seal(1, 0))).toThrow(
    expect.objectContaining({ code: 'CONSENT_EXPIRED' }),
  )
  expect(asked.filter((sql) => sql.includes('decision_inputs'))).toEqual([])
})

test('what releases of an older file rest on is known in the new one', () => {
  using db = openDatabase(':memory:', tables)
  const used = (text: string, index: number) =>
    db.prepare('INSERT INTO decision_inputs(idx, json) VALUES (?, ?)').run(index, text)
  used('{"consents":["a","b"],"records":[]}', 3)
  used('{"records":[["consents",null]]}', 4)
  used('{"consents":["b"],"records":[]}', 5)
  for (const step of migrations.slice(12)) step(db as never)
  expect(
    db
      .prepare('SELECT idx, consent FROM consent_used ORDER BY 1, 2')
      .all()
      .map((row) => [row['idx'], row['consent']]),
  ).toEqual([
    [3, 'a'],
    [3, 'b'],
    [5, 'b'],
  ])
})
