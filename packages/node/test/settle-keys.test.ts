import type { Envelope } from '@entente/schema'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ImportRow } from '../src/import/draft/import-store.ts'
import { settleKeys } from '../src/import/draft/settle-keys.ts'
import type { RowResult } from '../src/import/row-result.ts'

interface Given {
  readonly key: string
  readonly rank: string
  readonly says: string
}

const result = ({ key, rank, says }: Given, row: number): RowResult => ({
  ok: true,
  row,
  naturalKey: key,
  rank,
  flags: [],
  draft: {
    kind: 'capability',
    dataset: 'stock',
    originator: 'USA' as never,
    envelope: {} as Envelope,
    fields: {
      title: { value: says, label: { classification: 'UNCLASSIFIED', releasableTo: [] } as never },
    },
  },
})

/** Settles rows batch by batch, with what was written down kept as the store keeps it. */
function settleAll(given: readonly Given[], batchSize: number): ImportRow[] {
  const written: ImportRow[] = []
  const placed = given.map((each, i) => ({ seq: i + 1, row: result(each, i + 1) }))
  for (let i = 0; i < placed.length; i += batchSize) {
    const { rows, outranked, raised } = settleKeys(
      placed.slice(i, i + batchSize),
      (key) => written.find((row) => row.key === key) ?? null,
    )
    for (const [at, row] of written.entries()) {
      const detail = row.key === null ? undefined : outranked.get(row.key)
      if (detail)
        written[at] = { ...row, outcome: 'refused', key: null, rank: null, draft: null, detail }
    }
    written.push(...rows)
    for (const [at, row] of written.entries()) {
      const rank = row.rank === null || row.key === null ? undefined : raised.get(row.key)
      if (rank !== undefined) written[at] = { ...row, rank }
    }
  }
  return written
}

/** What the rule makes stand for a key: what the row with the greatest rank says, of equals the first. */
const standsFor = (key: string, given: readonly Given[]): string | undefined =>
  given
    .filter((each) => each.key === key)
    .reduce<Given | undefined>(
      (best, each) => (best && each.rank <= best.rank ? best : each),
      undefined,
    )?.says

const rows = fc.array(
  fc.record({
    key: fc.constantFrom('a', 'b', 'c'),
    rank: fc.constantFrom('', '1', '2', '3'),
    says: fc.constantFrom('x', 'y'),
  }),
  { maxLength: 30 },
)

/** A row that is written down gives way to one that gives way itself in the same batch. */
const outrankedTwice: Given[] = [
  { key: 'b', rank: '', says: 'x' },
  { key: 'a', rank: '', says: 'x' },
  { key: 'a', rank: '', says: 'x' },
  { key: 'b', rank: '2', says: 'y' },
  { key: 'b', rank: '3', says: 'x' },
]

test('which row stands does not depend on where a batch ends, and every row is accounted for once', () => {
  fc.assert(
    fc.property(rows, fc.integer({ min: 1, max: 31 }), (given, batchSize) => {
      const whole = settleAll(given, 1_000)
      const parts = settleAll(given, batchSize)
      expect(parts).toEqual(whole)
      expect(whole.map(({ seq }) => seq)).toEqual(given.map((_, i) => i + 1))
    }),
    { numRuns: 500, examples: [[outrankedTwice, 3]] },
  )
})

test('of rows with one key the latest stands, of equals the first; what says the same is a copy, all else refused', () => {
  fc.assert(
    fc.property(rows, fc.integer({ min: 1, max: 31 }), (given, batchSize) => {
      const settled = settleAll(given, batchSize)
      for (const key of ['a', 'b', 'c']) {
        const of = settled.filter((row) => row.key === key)
        const stands = standsFor(key, given)
        expect(of.filter(({ outcome }) => outcome === 'create').length).toBe(
          stands === undefined ? 0 : 1,
        )
        for (const { seq } of of) expect(given[seq - 1]?.says).toBe(stands)
      }
      for (const { outcome, key } of settled) expect(outcome === 'refused').toBe(key === null)
    }),
    { numRuns: 1_000 },
  )
})

test('a copy of a row that gives way gives way with it', () => {
  const given = [
    { key: 'a', rank: '1', says: 'x' },
    { key: 'a', rank: '1', says: 'x' },
    { key: 'a', rank: '2', says: 'y' },
    { key: 'a', rank: '2', says: 'y' },
  ]
  for (const batchSize of [1, 2, 3, 4])
    expect(settleAll(given, batchSize).map(({ outcome }) => outcome)).toEqual([
      'refused',
      'refused',
      'create',
      'same',
    ])
})
