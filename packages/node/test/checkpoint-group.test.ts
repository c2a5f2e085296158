import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { peekJws, type StatementKind, statements } from '@entente/schema'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { groupUnderCheckpoint, type Padding } from '../src/log/checkpoint-group.ts'
import { entryOf, type Leaf } from '../src/log/leaf.ts'
import { createPadding } from '../src/log/padding.ts'
import { openLog, origin } from './open-log.ts'

const base = mkdtempSync(join(tmpdir(), 'entente-group-'))
afterAll(() => rmSync(base, { recursive: true }))

const atMs = 1_790_000_000_000
const random = (size: number) => new Uint8Array(randomBytes(size))
const signStatement = () => new Uint8Array(64)
const padding = (padTo: number): Padding =>
  createPadding({ origin, signStatement, randomBytes: random }, padTo)
const leaf = (kind: StatementKind, name: string, at = atMs): Leaf => ({
  kind,
  jws: name,
  salt: random(32),
  atMs: at,
  feed: null,
  seq: null,
})
const leaves = (kind: StatementKind, count: number) =>
  Array.from({ length: count }, (_, i) => leaf(kind, `${kind} ${i}`))

describe('the leaves of one checkpoint', () => {
  test('come to a multiple, whatever the size before, and each leaf given stands where it is said to', () => {
    fc.assert(
      fc.property(
        fc.nat(1_000),
        fc.nat(70),
        fc.integer({ min: 1, max: 40 }),
        (size, count, padTo) => {
          const given = leaves('release', count)
          const group = groupUnderCheckpoint(given, size, atMs, padding(padTo))
          expect((size + group.leaves.length) % padTo).toBe(0)
          expect(group.leaves.length - count).toBeLessThanOrEqual(count === 0 ? padTo : padTo - 1)
          expect(group.leaves.length).toBeGreaterThan(0)
          expect(group.places.map((place) => group.leaves[place])).toEqual(given)
          expect(new Set(group.places).size).toBe(count)
          const pads = group.leaves.filter((_, place) => !group.places.includes(place))
          expect(pads.every(({ kind }) => kind === 'pad')).toBe(true)
        },
      ),
    )
  })

  test('one release stands at every place about as often', () => {
    const counts = new Array<number>(16).fill(0)
    for (let i = 0; i < 3_200; i++) {
      const [place = -1] = groupUnderCheckpoint([leaf('release', 'a')], 0, atMs, padding(16)).places
      counts[place] = (counts[place] ?? 0) + 1
    }
    // 200 each; beyond these bounds one of them is in less than one of 10^9 runs.
    expect(Math.min(...counts)).toBeGreaterThan(110)
    expect(Math.max(...counts)).toBeLessThan(300)
  })

  test('releases of one feed come in any order', () => {
    const orders = new Set<string>()
    for (let i = 0; i < 200; i++)
      orders.add(
        groupUnderCheckpoint(leaves('release', 3), 0, atMs, padding(16))
          .places.map((place, _, all) => all.filter((other) => other < place).length)
          .join(),
      )
    expect(orders.size).toBe(6)
  })

  test('other kinds keep their order, in front of the pads', () => {
    const given = [leaf('subscribe', 'a'), leaf('subscribe', 'b'), leaf('ack', 'c')]
    const { places } = groupUnderCheckpoint(given, 32, atMs, padding(16))
    expect(places).toEqual([0, 1, 2])
  })

  test.each(['genesis', 'policy', 'key', 'register', 'releaser', 'witness-policy'] as const)(
    'a %s never shares a checkpoint with a release',
    (kind) => {
      const group = [leaf(kind, 'a'), leaf('release', 'b')]
      expect(() => groupUnderCheckpoint(group, 0, atMs, padding(16))).toThrow(RangeError)
      expect(() => groupUnderCheckpoint([leaf(kind, 'a')], 0, atMs, padding(16))).not.toThrow()
    },
  )

  test('two decision times are refused: the earlier one would be known to stand first', () => {
    const group = [leaf('release', 'a'), leaf('release', 'b', atMs + 1)]
    expect(() => groupUnderCheckpoint(group, 0, atMs, padding(16))).toThrow(RangeError)
  })
})

test('a pad is a signed statement of its kind, and its entry like any other', () => {
  const pads = padding(16).pads(15, atMs)
  expect(pads).toHaveLength(15)
  for (const { jws, salt, kind, feed } of pads) {
    const { typ, payload } = peekJws(jws)
    expect({ typ, kind, feed }).toEqual({ typ: 'entente-pad', kind: 'pad', feed: null })
    expect(statements.pad.parse(payload)).toEqual({ origin, at: atMs })
    expect(salt).toHaveLength(32)
  }
  const entries = pads.map(({ jws, salt }) => Buffer.from(entryOf(jws, salt)).toString('hex'))
  expect(new Set(entries).size).toBe(15)
  for (const entry of entries) expect(entry).toMatch(/^01[0-9a-f]{64}$/)
})

test('a padded log says where each leaf stands, and has nothing wrong', async () => {
  const { db, log, findings } = openLog(join(base, 'padded.db'), padding(16))
  const add = (given: readonly Leaf[]) => db.transact(() => log.appendGroup(given, atMs))
  expect(db.transact(() => log.append([leaf('genesis', 'first')]))).toBe(0)
  const places = add(leaves('release', 20))
  expect(places.map((index) => log.statement(index)?.jws)).toEqual(
    leaves('release', 20).map(({ jws }) => jws),
  )
  expect(log.head().size).toBe(48)
  expect(db.transact(() => log.append([leaf('policy', 'second')]))).toBe(48)
  // Nothing happened, and still the log grows.
  expect(add([])).toEqual([])
  expect(log.head().size).toBe(80)
  const sizes = db.prepare('SELECT size FROM checkpoint ORDER BY size').all()
  expect(sizes.map(({ size }) => size)).toEqual([16, 48, 64, 80])
  log.noteHead()
  expect(await findings()).toEqual([])
})
