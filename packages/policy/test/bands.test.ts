import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bandValue, compileBands } from '../src/bands.ts'
import { checkPolicy } from '../src/check.ts'
import type { Bands } from '../src/document.ts'
import { documentWith } from './fixtures.ts'

const edges = fc
  .uniqueArray(fc.integer({ min: 1, max: 60 }), { minLength: 2, maxLength: 8 })
  .map((list) => [0, ...list].sort((a, b) => a - b).map(String))

/** Two levels; often nested, often not. */
const levels: fc.Arbitrary<Bands> = fc
  .tuple(edges, fc.boolean(), edges, fc.nat())
  .map(([fine, nested, stray, pick]) => ({
    rate: {
      levels: [
        { name: 'fine', edges: fine },
        {
          name: 'coarse',
          edges: nested ? fine.filter((_, i) => i === 0 || (pick >> i) % 2 === 0) : stray,
        },
      ],
    },
  }))

interface Range {
  readonly from: number
  readonly to: number
}

function rangeOf(value: number, level: 'fine' | 'coarse', bands: Bands): Range {
  const band = bandValue(String(value), 'rate', level, compileBands(bands)) as {
    from: string
    to?: string
  }
  return { from: Number(band.from), to: band.to === undefined ? Infinity : Number(band.to) }
}

test('what any two partners see, under any editions, never intersects to something finer', () => {
  let [accepted, refused] = [0, 0]
  const value = fc.integer({ min: 0, max: 70 })
  fc.assert(
    fc.property(
      levels,
      fc.option(levels, { freq: 2 }),
      value,
      fc.constantFrom('fine', 'coarse'),
      fc.constantFrom('fine', 'coarse'),
      (earlier, changed, number, one, two) => {
        const later = changed ?? earlier
        const wrong = [
          ...checkPolicy(documentWith({ bands: earlier })),
          ...checkPolicy(documentWith({ bands: later, edition: 2 }), earlier),
        ].filter(({ code }) => code.startsWith('BAND'))
        if (wrong.length > 0) {
          refused++
          return
        }
        accepted++
        const [a, b] = [rangeOf(number, one, earlier), rangeOf(number, two, later)]
        const both = { from: Math.max(a.from, b.from), to: Math.min(a.to, b.to) }
        expect([a, b]).toContainEqual(both)
      },
    ),
    { numRuns: 2000 },
  )
  expect(accepted).toBeGreaterThan(100)
  expect(refused).toBeGreaterThan(100)
})

test('a wrong pair of editions would tell more: the check is what prevents it', () => {
  const bands = (fine: string[]): Bands => ({
    rate: {
      levels: [
        { name: 'fine', edges: fine },
        { name: 'coarse', edges: ['0'] },
      ],
    },
  })
  const [earlier, later] = [bands(['0', '10', '20']), bands(['0', '11', '21'])]
  expect(rangeOf(10, 'fine', earlier)).toEqual({ from: 10, to: 20 })
  expect(rangeOf(10, 'fine', later)).toEqual({ from: 0, to: 11 })
  expect(checkPolicy(documentWith({ bands: later }), earlier)[0]?.code).toBe('BAND_CHANGED')
})
