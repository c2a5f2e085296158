import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { caveats, classifications, joinLabels, Label, rankOf } from '../src/label.ts'

const names = ['AUKUS', 'AUS', 'GBR', 'NATO', 'NOR', 'USA']
const label: fc.Arbitrary<Label> = fc.record({
  classification: fc.constantFrom(...classifications),
  releasableTo: fc.subarray(names),
  caveats: fc.subarray([...caveats]),
})
const secret: Label = { classification: 'SECRET', releasableTo: ['GBR', 'USA'], caveats: ['ORCON'] }

describe('the join of two labels', () => {
  test('takes the higher level, all caveats and the common release list', () => {
    const other: Label = {
      classification: 'RESTRICTED',
      releasableTo: ['NOR', 'USA'],
      caveats: ['COMMERCIAL'],
    }
    expect(joinLabels(secret, other)).toEqual({
      classification: 'SECRET',
      releasableTo: ['USA'],
      caveats: ['COMMERCIAL', 'ORCON'],
    })
  })

  test('is for the originator alone when no nation is in both', () => {
    expect(joinLabels(secret, { ...secret, releasableTo: ['NOR'] }).releasableTo).toEqual([])
  })

  test('is idempotent, commutative and associative', () => {
    fc.assert(
      fc.property(label, label, label, (a, b, c) => {
        expect(joinLabels(a, a)).toEqual(a)
        expect(joinLabels(a, b)).toEqual(joinLabels(b, a))
        expect(joinLabels(joinLabels(a, b), c)).toEqual(joinLabels(a, joinLabels(b, c)))
      }),
    )
  })

  test('protects both: never wider than either', () => {
    fc.assert(
      fc.property(label, label, (a, b) => {
        const joined = joinLabels(a, b)
        for (const each of [a, b]) {
          expect(rankOf(joined.classification)).toBeGreaterThanOrEqual(rankOf(each.classification))
          expect(each.releasableTo).toEqual(expect.arrayContaining([...joined.releasableTo]))
          expect(joined.caveats).toEqual(expect.arrayContaining([...each.caveats]))
        }
      }),
    )
  })

  test('is a label again', () => {
    fc.assert(
      fc.property(label, label, (a, b) => {
        expect(Label.safeParse(joinLabels(a, b)).success).toBe(true)
      }),
    )
  })
})

test.each<[what: string, change: Record<string, unknown>]>([
  ['a level that is none', { classification: 'COSMIC' }],
  ['a release list out of order', { releasableTo: ['USA', 'GBR'] }],
  ['a nation twice', { releasableTo: ['GBR', 'GBR'] }],
  ['a nation in lower case', { releasableTo: ['gbr'] }],
  ['an unknown caveat', { caveats: ['EYES ONLY'] }],
  ['a field of its own', { owner: 'GBR' }],
  ['no release list', { releasableTo: undefined }],
])('a label is refused with %s', (_, change) => {
  expect(Label.safeParse(secret).success).toBe(true)
  expect(Label.safeParse({ ...secret, ...change }).success).toBe(false)
})
