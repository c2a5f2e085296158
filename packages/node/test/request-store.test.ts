import type { Statement } from '@entente/schema'
import { expect, test } from 'vitest'
import { openDatabase } from '../src/adapters/sqlite-database.ts'
import type { Deps } from '../src/deps.ts'
import {
  createRequestStore,
  isBody,
  MOST_OPEN,
  requestTables,
} from '../src/requests/request-store.ts'

const nowMs = Date.UTC(2026, 4, 1, 9, 30)
const digest = (n: number) => String(n).padStart(43, '0')
const asked = { ask: 'release', at: nowMs - 5_000 } as Statement<'request'>
const body = {
  ask: 'release',
  salt: 'A'.repeat(22),
  by: 'J. Smith',
  reason: 'a gap',
  record: null,
  about: 'lead times',
  fields: [],
}

function openStore(clock = { nowMs: () => nowMs }) {
  const db = openDatabase(':memory:', [requestTables])
  const witnessPolicy = {} as Deps['roster']['witnessPolicy']
  const roster = { members: new Map(), witnessPolicy }
  const store = createRequestStore({ db, clock, roster } as unknown as Deps)
  return { db, store }
}

test('a nation has so many requests waiting at once and no more; others are not touched, and one that came before is none more', () => {
  const { db, store } = openStore()
  for (let n = 0; n < MOST_OPEN; n++) expect(store.take('USA', digest(n), asked, body)).toBe(true)
  expect(store.take('USA', digest(MOST_OPEN), asked, body)).toBe(false)
  expect(store.take('USA', digest(0), asked, body)).toBe(true)
  expect(store.take('NOR', digest(MOST_OPEN + 1), asked, body)).toBe(true)
  expect(store.all()).toHaveLength(MOST_OPEN + 1)
  db[Symbol.dispose]()
})

test('of ours a nation is asked as many as it takes, and more once one is answered; others are not touched', () => {
  const { db, store } = openStore()
  for (let n = 0; n < MOST_OPEN; n++) {
    store.mustTakeMine('USA')
    store.noteMine(digest(n), 'USA', body as never, nowMs)
  }
  expect(() => store.mustTakeMine('USA')).toThrow(
    expect.objectContaining({
      code: 'REQUEST_FLOOD',
      message: expect.stringContaining('2026-05-01T'),
    }),
  )
  store.mustTakeMine('NOR')
  store.takeAnswer('USA', digest(0), 'deny')
  store.mustTakeMine('USA')
  db[Symbol.dispose]()
})

test('what a nation leaves unanswered for a day after it was due keeps us from asking it nothing else', () => {
  let atMs = nowMs
  const { db, store } = openStore({ nowMs: () => atMs })
  for (let n = 0; n < MOST_OPEN; n++) store.noteMine(digest(n), 'USA', body as never, nowMs)
  const flood = expect.objectContaining({ code: 'REQUEST_FLOOD' })
  atMs = Date.UTC(2026, 4, 2, 11)
  expect(() => store.mustTakeMine('USA')).toThrow(flood)
  atMs++
  store.mustTakeMine('USA')
  for (let n = 0; n < MOST_OPEN; n++) store.noteMine(digest(1_000 + n), 'USA', body as never, atMs)
  expect(() => store.mustTakeMine('USA')).toThrow(flood)
  // One that is answered late after all is taken.
  expect(store.takeAnswer('USA', digest(0), 'approve')).toBe(true)
  db[Symbol.dispose]()
})

test('what cannot be read, or is of another sort than its statement says, is due at the same time', () => {
  const { db, store } = openStore()
  store.take('USA', digest(1), asked, body)
  store.take('USA', digest(2), asked, { ask: 'something later' })
  store.take('USA', digest(3), { ...asked, ask: 'change' }, body)
  store.take('USA', digest(4), asked, { ...body, about: 'x'.repeat(2_000) })
  const all = store.all()
  expect(all.map((each) => each.body?.ask)).toEqual(['release', undefined, undefined, undefined])
  expect(new Set(all.map(({ dueMs }) => dueMs))).toEqual(new Set([Date.UTC(2026, 4, 1, 11)]))
  expect(store.due(Date.UTC(2026, 4, 1, 11) - 1)).toEqual([])
  expect(store.due(Date.UTC(2026, 4, 1, 11))).toHaveLength(4)
  db[Symbol.dispose]()
})

test('only who was asked answers; a refusal may be followed by a grant, a grant by nothing', () => {
  const { db, store } = openStore()
  const id = store.noteMine(digest(1), 'USA', body as never, nowMs)
  expect(store.takeAnswer('NOR', digest(1), 'approve')).toBe(false)
  expect(store.takeAnswer('USA', digest(2), 'approve')).toBe(false)
  expect(store.takeAnswer('USA', digest(1), 'deny')).toBe(true)
  expect(store.takeAnswer('USA', digest(1), 'approve')).toBe(true)
  expect(store.takeAnswer('USA', digest(1), 'deny')).toBe(true)
  expect(store.byId(id)?.answer).toBe('approve')
  expect(isBody({} as Deps, { deep: 0.5 }, digest(1))).toBe(false)
  db[Symbol.dispose]()
})
