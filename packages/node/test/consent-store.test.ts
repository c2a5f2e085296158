import { RetransferConsent, sealConsent, toBase64url } from '@entente/schema'
import { expect, test } from 'vitest'
import { openDatabase } from '../src/adapters/sqlite-database.ts'
import { createConsentStore } from '../src/consents/consent-store.ts'
import type { Deps } from '../src/deps.ts'
import { tables } from '../src/layout.ts'

const nowMs = Date.UTC(2026, 4, 1, 9, 30)
const key = toBase64url(new Uint8Array(32))
const record = `urn:entente:${'a'.repeat(32)}`
const seal = sealConsent(
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
    until: nowMs + 60_000,
  }),
  () => new Uint8Array(64),
)

function openStore() {
  const db = openDatabase(':memory:', tables)
  db.prepare('INSERT INTO retransfer(record, dataset) VALUES (?, ?)').run(record, 'production')
  const members = new Map([['AUS', { officers: [{ name: 'officer', nation: 'AUS', key }] }]])
  const deps = { db, nation: 'USA', clock: { nowMs: () => nowMs }, roster: { members } }
  const open = () => createConsentStore({ ...deps, verify: () => true } as unknown as Deps)
  const dirty = () => db.prepare('SELECT record FROM dirty').all().length
  return { db, open, dirty }
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
