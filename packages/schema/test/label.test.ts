import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonicalJson } from '../src/canonical-json.ts'
import {
  caveats,
  classifications,
  formatLabel,
  isAboveLabel,
  joinLabels,
  Label,
  parseLabel,
  rankOf,
  widens,
} from '../src/label.ts'

const names = ['AUKUS', 'AUS', 'GBR', 'NATO', 'NOR', 'USA']
const markings = ['ESP:RESERVADO', 'FRA:SECRET DÉFENSE', 'NATO:NATO SECRET']
const label: fc.Arbitrary<Label> = fc
  .record({
    classification: fc.constantFrom(...classifications),
    releasableTo: fc.subarray(names),
    caveats: fc.subarray([...caveats]),
    original: fc.subarray(markings),
  })
  .map(({ original, ...rest }) => ({ ...rest, ...(original.length > 0 && { original }) }))
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
          expect(joined.original ?? []).toEqual(expect.arrayContaining([...(each.original ?? [])]))
          expect(widens(each, joined)).toBe(false)
          if (canonicalJson(each) !== canonicalJson(joined)) expect(widens(joined, each)).toBe(true)
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
  ['an original marking without its scheme', { original: ['RESERVADO'] }],
  ['an original marking of no scheme', { original: [':RESERVADO'] }],
  ['an original marking that says nothing', { original: ['ESP:'] }],
  ['an original marking that would end the line', { original: ['ESP:RESERVADO//REL TO FRA'] }],
  ['an original marking in another normal form', { original: ['FRA:TRÈS'.normalize('NFD')] }],
  ['original markings out of order', { original: ['FRA:SECRET', 'ESP:SECRETO'] }],
  ['a list of no original markings', { original: [] }],
  ['a field of its own', { owner: 'GBR' }],
  ['no release list', { releasableTo: undefined }],
])('a label is refused with %s', (_, change) => {
  expect(Label.safeParse(secret).success).toBe(true)
  expect(Label.safeParse({ ...secret, ...change }).success).toBe(false)
})

test('a label of before original markings and ONLY has the bytes that it had', () => {
  expect(canonicalJson(Label.parse(secret))).toBe(
    '{"caveats":["ORCON"],"classification":"SECRET","releasableTo":["GBR","USA"]}',
  )
  const joined = joinLabels(secret, secret)
  expect(canonicalJson(joined)).toBe(canonicalJson(secret))
})

test('every label reads back from its marking', () => {
  fc.assert(
    fc.property(label, (given) => {
      expect(parseLabel(formatLabel(given))).toEqual({ ok: true, label: given })
    }),
  )
  expect(formatLabel({ ...secret, caveats: ['ONLY'], original: ['ESP:RESERVADO'] })).toBe(
    'SECRET//ESP:RESERVADO//ONLY//REL TO GBR,USA',
  )
})

test.each(['SECRET//ESP:', 'SECRET//ESP:A:B', 'SECRET//EYES ONLY'])('%s marks no label', (text) => {
  expect(parseLabel(text)).toMatchObject({ ok: false, reason: expect.stringContaining(text) })
})

test.each<[what: string, change: Partial<Label>]>([
  ['the list is opened', { caveats: ['ORCON'] }],
  ['an original marking is taken out', { original: ['ESP:RESERVADO'] }],
])('a label widens where %s', (_, change) => {
  const before: Label = {
    ...secret,
    caveats: ['ONLY', 'ORCON'],
    original: ['ESP:RESERVADO', 'FRA:SECRET'],
  }
  expect(widens(before, { ...before, ...change })).toBe(true)
  expect(widens({ ...before, ...change }, before)).toBe(false)
})

test('a label is above another by level, caveat or national marking, never above one joined with it', () => {
  const least: Label = { classification: 'RESTRICTED', releasableTo: [], caveats: [] }
  expect(isAboveLabel(least, least)).toBe(false)
  expect(isAboveLabel({ ...least, classification: 'SECRET' }, least)).toBe(true)
  expect(isAboveLabel({ ...least, caveats: ['ORCON'] }, least)).toBe(true)
  expect(isAboveLabel({ ...least, original: ['ESP:RESERVADO'] }, least)).toBe(true)
  fc.assert(fc.property(label, label, (a, b) => !isAboveLabel(a, joinLabels(a, b))))
})
