import { expect, test } from 'vitest'
import { openDatabase } from '../src/adapters/sqlite-database.ts'
import type { Deps } from '../src/deps.ts'
import { nextNumber, releasesAt, setReleases } from '../src/handover/duty.ts'
import { takeOver } from '../src/handover/take-over.ts'
import { tables } from '../src/layout.ts'

const db = openDatabase(':memory:', tables)
const deps = { db, partners: new Map() } as unknown as Deps
const log = { noteHead: () => {} } as never
const releases = releasesAt(db, false)
const taken = (peer: string, number?: number) =>
  takeOver(deps, log, { dataset: 'production', recipients: [], ...(number && { number }) }, peer)

test('a word of a hand-over that comes late is not taken again', () => {
  expect(taken('headquarters', 4)).toBe(null)
  expect(releases('production')).toBe(true)
  // It has gone back since, when the same word comes again, an older one, and one of a version without numbers.
  setReleases(db, 'production', false)
  expect(taken('headquarters', 4)).toBe(null)
  expect(taken('headquarters', 3)).toMatch(/^HANDOVER_OLD: .* number 4/)
  expect(taken('headquarters')).toMatch(/^HANDOVER_OLD/)
  expect(releases('production')).toBe(false)
  // Each node counts for itself, and the next word counts.
  expect(taken('office', 1)).toBe(null)
  setReleases(db, 'production', false)
  expect(taken('headquarters', 5)).toBe(null)
  expect(releases('production')).toBe(true)
})

test('numbers grow when a dataset has come back meanwhile, and over a copy that was restored', () => {
  db.exec(
    "INSERT INTO handover_out(dataset, peer, key, name, number, taken) VALUES ('needs', 'p', 'k', 'n', 9, 1)",
  )
  // A file of an earlier version has counted already.
  expect(nextNumber(db, 'needs')).toBe(10)
  db.exec('DELETE FROM handover_out')
  expect(nextNumber(db, 'needs')).toBe(11)
  expect(nextNumber(db, 'needs', 64)).toBe(64)
  expect(nextNumber(db, 'needs', 64)).toBe(65)
  expect(nextNumber(db, 'other', 64)).toBe(64)
})
