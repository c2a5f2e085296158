import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Clearance, checkSpif, type Spif, type SpifLabel } from '../../src/labels/spif.ts'
import { decideAccess, problemsOf, translateLabel } from '../../src/labels/spif-gate.ts'
import { assertOften } from '../enough.ts'

const plain = { requires: [], equivalents: [] }
const open = { ...plain, excludedClasses: [], excludedCategories: [] }
const spif: Spif = {
  name: 'EXERCISE',
  id: '2.999.1',
  classifications: [
    { name: 'LOW', lacv: '1', hierarchy: 1, ...plain },
    { name: 'HIGH', lacv: '2', hierarchy: 2, ...plain },
  ],
  tagSets: [
    {
      name: 'Codewords',
      id: '2.999.1.1',
      tags: [
        {
          name: 'Codewords',
          type: 'restrictive',
          singleSelection: false,
          categories: [
            { name: 'RED', lacv: '1', ...open, excludedClasses: ['LOW'] },
            { name: 'BLUE', lacv: '2', ...open },
          ],
        },
      ],
    },
    {
      name: 'Release',
      id: '2.999.1.2',
      tags: [
        {
          name: 'Release',
          type: 'permissive',
          singleSelection: false,
          categories: ['AUS', 'CAN', 'GBR'].map((name, i) => ({ name, lacv: `${i}`, ...open })),
        },
        {
          name: 'Desk',
          type: 'informative',
          singleSelection: true,
          categories: ['STAFF', 'MEDICAL'].map((name, i) => ({ name, lacv: `${i}`, ...open })),
        },
      ],
    },
  ],
  equivalentPolicies: [],
}
const codeword = (lacv: string) => ({ tagSet: '2.999.1.1', type: 'restrictive' as const, lacv })
const release = (lacv: string) => ({ tagSet: '2.999.1.2', type: 'permissive' as const, lacv })
const desk = (lacv: string) => ({ tagSet: '2.999.1.2', type: 'informative' as const, lacv })
const label: SpifLabel = {
  policy: spif.id,
  classification: '2',
  categories: [codeword('1'), codeword('2'), release('0'), release('1'), desk('0')],
}
const clearance: Clearance = {
  policy: spif.id,
  classifications: ['2'],
  categories: [codeword('1'), codeword('2'), release('1')],
}

test('permits whoever has the level, all that restricts, one that permits, and nothing that informs', () => {
  expect(checkSpif(spif)).toEqual([])
  expect(decideAccess(label, clearance, spif)).toEqual({ effect: 'permit', because: [] })
})

test.each<
  [what: string, label: Partial<SpifLabel>, clearance: Partial<Clearance>, because: string]
>([
  [
    'label of an unknown policy',
    { policy: '1.1' },
    {},
    'label is not valid: it is of another policy',
  ],
  ['clearance of another policy', {}, { policy: '1.1' }, 'clearance is of another policy'],
  [
    'level that is not listed',
    {},
    { classifications: ['1'] },
    'classification is not in the clearance',
  ],
  [
    'missing codeword',
    {},
    { categories: [codeword('1'), release('1')] },
    'restrictive category 2 of 2.999.1.1 is not in the clearance',
  ],
  [
    'release to others only',
    {},
    { categories: [codeword('1'), codeword('2'), release('2')] },
    'no permissive category of 2.999.1.2 is in the clearance',
  ],
  [
    'category that the policy does not have',
    { categories: [codeword('9')] },
    { categories: [codeword('9')] },
    'label is not valid: restrictive 9 is not a category of Codewords',
  ],
  [
    'category beside a level that it excludes',
    { classification: '1', categories: [codeword('1')] },
    { classifications: ['1'] },
    'label is not valid: RED must not stand beside LOW',
  ],
  [
    'two categories where one is allowed',
    { categories: [desk('0'), desk('1')] },
    {},
    'label is not valid: Desk allows one category',
  ],
])('denies a %s', (_, changed, cleared, because) => {
  expect(decideAccess({ ...label, ...changed }, { ...clearance, ...cleared }, spif)).toEqual({
    effect: 'deny',
    because: [because],
  })
})

test('a label that says nothing is still a label, and one without its policy’s equivalents is not translated', () => {
  expect(problemsOf({ ...label, categories: [] }, spif)).toEqual([])
  expect(translateLabel(label, spif, { ...spif, id: '2.999.2' })).toMatchObject({ ok: false })
})

describe('a stricter label never gains access', () => {
  const some = (
    make: (lacv: string) => ReturnType<typeof codeword | typeof release>,
    of: string[],
  ) => fc.subarray(of).map((list) => list.map(make))
  const categories = fc
    .tuple(some(codeword, ['1', '2']), some(release, ['0', '1', '2']))
    .map((lists) => lists.flat())
  const level = fc.constantFrom('1', '2')
  const asked = fc.record({ classification: level, categories })

  test('by a restrictive category more, or with the last permissive one of a clearance gone', () => {
    let permitted = 0
    assertOften(
      fc.property(asked, asked, fc.constantFrom('1', '2'), (a, b, more) => {
        const given: SpifLabel = { policy: spif.id, ...a }
        const own: Clearance = {
          policy: spif.id,
          classifications: [b.classification],
          categories: b.categories,
        }
        const before = decideAccess(given, own, spif).effect
        const stricter = { ...given, categories: [...given.categories, codeword(more)] }
        const poorer = { ...own, categories: own.categories.slice(1) }
        if (before === 'permit') permitted++
        else {
          expect(decideAccess(stricter, own, spif).effect).toBe('deny')
          expect(decideAccess(given, poorer, spif).effect).toBe('deny')
        }
      }),
      { met: () => permitted, few: 5, numRuns: 500 },
    )
  })
})

test.each<[what: string, change: object, code: string]>([
  [
    'repeats a level',
    { classifications: [spif.classifications[0], spif.classifications[0]] },
    'DUPLICATE',
  ],
  ['has no level', { classifications: [] }, 'FORM'],
  ['says what it does not know', { extra: 1 }, 'FORM'],
  [
    'names an unknown level',
    {
      tagSets: [
        {
          name: 'A',
          id: '1',
          tags: [
            {
              name: 'A',
              type: 'restrictive',
              singleSelection: false,
              categories: [{ name: 'X', lacv: '0', ...open, excludedClasses: ['NONE'] }],
            },
          ],
        },
      ],
    },
    'UNKNOWN_CLASS',
  ],
  [
    'names an unknown tag set',
    {
      classifications: [
        {
          name: 'LOW',
          lacv: '1',
          hierarchy: 0,
          equivalents: [],
          requires: [{ operation: 'all', groups: [{ tagSet: 'None', type: 'permissive' }] }],
        },
      ],
      tagSets: [],
    },
    'UNKNOWN_TAG_SET',
  ],
])('a policy that %s is refused', (_, change, code) => {
  expect(checkSpif({ ...spif, ...change }).map((issue) => issue.code)).toContain(code)
})
