import { expect, test } from 'vitest'
import { openDatabase } from '../src/adapters/sqlite-database.ts'
import type { Deps } from '../src/deps.ts'
import { nextNumber, releasesAt, setReleases } from '../src/handover/duty.ts'
import { takeOver } from '../src/handover/take-over.ts'
import { tables } from '../src/layout.ts'
import { isKeptBack, keepBack, keptBackFor, letGo } from '../src/nation-recalls/kept-back.ts'

const db = openDatabase(':memory:', tables)
const deps = { db, partners: new Map() } as unknown as Deps
const log = { noteHead: () => {} } as never
const releases = releasesAt(db, false)
const taken = (peer: string, number?: number) =>
  takeOver(
    deps,
    log,
    { dataset: 'production', recipients: [], recalls: [], ...(number && { number }) },
    peer,
  )

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

test('what stays back, and what was let go since, goes with the dataset, there and back', () => {
  const record = (n: number) => `urn:entente:${n.toString(16).padStart(32, '0')}`
  const [first, second] = ['a'.repeat(43), 'b'.repeat(43)] as const
  const nodes = ['hq', 'office'].map((name) => {
    const own = openDatabase(':memory:', tables)
    for (const n of [1, 2, 3])
      own.exec(
        `INSERT INTO record(id, dataset, kind, status, shard, digest, json) VALUES ('${record(n)}', '${n === 3 ? 'other' : 'production'}', '', '', '', '', '{}')`,
      )
    return { name, db: own, deps: { db: own, nation: 'USA', partners: new Map() } as never as Deps }
  })
  const [hq, office] = nodes as [(typeof nodes)[0], (typeof nodes)[0]]
  const kept = ({ deps: at }: typeof hq) =>
    [1, 2, 3].filter((n) => isKeptBack(at, 'GBR', record(n)))
  let number = 0
  const handOver = (from: typeof hq, to: typeof hq) =>
    takeOver(
      to.deps,
      log,
      {
        ...{ dataset: 'production', number: ++number, recipients: [] },
        recalls: keptBackFor(from.db, 'production'),
      },
      from.name,
    )
  for (const n of [1, 2, 3]) keepBack(hq.db, 'GBR', record(n), first)
  // The office has heard of the first as well, and not that it was let go.
  keepBack(office.db, 'GBR', record(1), first)
  letGo(hq.deps, 'GBR', record(1))
  letGo(hq.deps, 'GBR', record(3))
  const older = { dataset: 'production', number: 1, recipients: [] }
  expect(takeOver(office.deps, log, older, 'hq')).toMatch(/^HANDOVER_RECALLS/)
  expect(releasesAt(office.db, false)('production')).toBe(false)
  expect([handOver(hq, office), kept(office)]).toEqual([null, [2]])
  letGo(office.deps, 'GBR', record(2))
  // Told again it stays let go; recalled again it does not.
  expect([handOver(hq, office), kept(office)]).toEqual([null, []])
  keepBack(hq.db, 'GBR', record(1), second)
  expect([kept(hq), handOver(hq, office), kept(office)]).toEqual([[1, 2], null, [1]])
  expect([handOver(office, hq), kept(hq)]).toEqual([null, [1]])
})
