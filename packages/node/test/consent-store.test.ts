import { RetransferConsent, type Statement, sealConsent, toBase64url } from '@entente/schema'
import { expect, test } from 'vitest'
import { openDatabase } from '../src/adapters/sqlite-database.ts'
import { createSays } from '../src/admit/says.ts'
import { createConsentStore } from '../src/consents/consent-store.ts'
import { takeConsent } from '../src/consents/take-consent.ts'
import type { Deps, Partner } from '../src/deps.ts'
import { tables } from '../src/layout.ts'
import { statementHash } from '../src/log/leaf.ts'

const nowMs = Date.UTC(2026, 4, 1, 9, 30)
const key = toBase64url(new Uint8Array(32))
const record = `urn:entente:${'a'.repeat(32)}`
const sealUntil = (until: number) =>
  sealConsent(
    RetransferConsent.parse({
      nation: 'AUS',
      key,
      holder: 'USA',
      record,
      head: 'A'.repeat(43),
      fields: ['title'],
      transform: null,
      derived: false,
      recipients: ['NOR'],
      purpose: 'use',
      until,
    }),
    () => new Uint8Array(64),
  )
const seal = sealUntil(nowMs + 60_000)

function openStore() {
  const db = openDatabase(':memory:', tables)
  db.prepare('INSERT INTO retransfer(record, dataset) VALUES (?, ?)').run(record, 'production')
  const members = new Map([['AUS', { officers: [{ name: 'officer', nation: 'AUS', key }] }]])
  const deps = { db, nation: 'USA', clock: { nowMs: () => nowMs }, roster: { members } }
  let verified = 0
  const verify = () => {
    verified++
    return true
  }
  const open = () => createConsentStore({ ...deps, verify } as unknown as Deps)
  const dirty = () => db.prepare('SELECT record FROM dirty').all().length
  return { db, open, dirty, verified: () => verified }
}

test('what a consent is about is decided again once decisions know the consent, also where all was decided between its coming and that', () => {
  const { db, open, dirty } = openStore()
  const store = open()
  db.transact(() => store.take(seal))
  // Decided now, it would be decided without the consent.
  db.prepare('DELETE FROM dirty').run()
  expect(store.counting()).toEqual([])
  store.reload()
  expect(store.counting()).toHaveLength(1)
  expect(dirty()).toBe(1)
  db.prepare('DELETE FROM dirty').run()
  store.reload()
  expect(dirty()).toBe(0)
  db[Symbol.dispose]()
})

test('one that came just before the node was cut off counts from the next start on', () => {
  const { db, open, dirty } = openStore()
  const first = open()
  db.transact(() => first.take(seal))
  db.prepare('DELETE FROM dirty').run()
  expect(open().counting()).toHaveLength(1)
  expect(dirty()).toBe(1)
  db[Symbol.dispose]()
})

test('one that is installed is decided on at once, and a second time is no news', () => {
  const { db, open, dirty } = openStore()
  const store = open()
  expect(store.install(seal)).toEqual([record])
  expect(dirty()).toBe(1)
  expect(store.install(seal)).toBeNull()
  db[Symbol.dispose]()
})

test('one more is verified when it comes and once for decisions; those that were there are not again, and one that is known is no news', () => {
  const { db, open, verified } = openStore()
  const store = open()
  for (let n = 1; n <= 20; n++) expect(store.take(sealUntil(nowMs + n))).toBe(true)
  store.reload()
  const before = verified()
  expect(store.take(sealUntil(nowMs + 100))).toBe(true)
  store.reload()
  expect(store.take(sealUntil(nowMs + 100))).toBe(false)
  expect(store.counting()).toHaveLength(21)
  expect(verified() - before).toBe(3)
  db[Symbol.dispose]()
})

test('one that is refused, or is there already, makes nothing be read anew', () => {
  const { db, open } = openStore()
  const store = open()
  const refused: string[] = []
  const journal = { refused: ({ code }: { readonly code: string }) => void refused.push(code) }
  const requests = { takeAnswer: () => true }
  db.prepare(
    "INSERT INTO statement_in(feed, seq, sender, idx, jws, salt, proof) VALUES ('feed', 1, 'AUS', 0, 'jws', x'', '')",
  ).run()
  const release = { feed: 'feed', seq: 1, statement: statementHash('jws') }
  const come = (text: string, statement: string = release.statement) =>
    takeConsent(
      { db, journal } as unknown as Deps,
      store,
      requests,
      'AUS',
      {
        consent: 'c',
        request: null,
        release: { ...release, statement },
      } as Statement<'consent'>,
      text,
    )
  expect(come(seal, 'another')).toBe(false)
  expect(come(sealUntil(nowMs - 1))).toBe(false)
  expect(come(seal)).toBe(true)
  expect(come(seal)).toBe(false)
  expect(refused).toEqual(['CONSENT_RELEASE', 'CONSENT_EXPIRED'])
  db[Symbol.dispose]()
})

test('a withdrawal that is shown again is no news', () => {
  const { db } = openStore()
  const news: unknown[] = []
  const clock = { nowMs: () => nowMs }
  const says = createSays(
    { db, clock } as unknown as Deps,
    { withdrawn: () => {} },
    { onConsent: (_nation, _statement, text) => void news.push(text) },
  )
  const partner = { nation: 'AUS' } as Partner
  const said = { action: 'withdraw', consent: 'c' } as Statement<'consent'>
  says.consent(partner, said, undefined)
  says.consent(partner, said, undefined)
  expect(news).toEqual([null])
  expect(db.prepare('SELECT consent FROM consent_withdrawn').all()).toHaveLength(1)
  db[Symbol.dispose]()
})
