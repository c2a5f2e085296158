import { describe, expect, test } from 'vitest'
import { changedAggregates } from '../src/aggregate/check.ts'
import type { AggregateDefinition } from '../src/aggregate/definition.ts'
import { widerAggregates } from '../src/aggregate/wider.ts'
import { checkPolicy, locateIssues } from '../src/check.ts'
import { compilePolicy } from '../src/compile.ts'
import { diffPolicies, momentsOf } from '../src/diff.ts'
import type { PolicyDocument } from '../src/document.ts'
import { definition } from './aggregate-story.ts'
import { documentWith, october } from './fixtures.ts'

const withAll = (...aggregates: readonly object[]) =>
  ({ ...documentWith(), aggregates }) as PolicyDocument
const withOne = (change: object) => withAll({ ...definition, ...change })
const cells = (...each: readonly (readonly [string, readonly unknown[]])[]) => ({
  cells: { by: 'domain', each: each.map(([name, values]) => ({ name, values })) },
})
const from = (change: object) => ({ from: { ...definition.from, ...change } })

test('a sound definition may be signed', () => {
  expect(checkPolicy(withAll(definition))).toEqual([])
  expect(
    checkPolicy(
      withOne({ measure: 'range', dominance: undefined, ...from({ field: 'lead_time' }) }),
    ),
  ).toEqual([])
})

describe('each of these is refused, with its place and what to do', () => {
  test.each<[fact: string, document: unknown, code: string, place: string, words: RegExp]>([
    [
      'a kind that cannot hold it',
      withOne({
        ...from({ kind: 'supplier', field: 'size' }),
        cells: { by: 'legal_name', each: [{ name: 'A', values: ['a'] }] },
        contributor: 'legal_name',
      }),
      'AGGREGATE_KIND',
      'from.kind',
      /use capability, gap, investment/,
    ],
    [
      'a field that the kind has not',
      withOne(from({ field: 'rate_maxx' })),
      'UNKNOWN_FIELD',
      'from.field',
      /entente schema KIND/,
    ],
    [
      'a contributor that the kind has not',
      withOne({ contributor: 'maker' }),
      'UNKNOWN_FIELD',
      'contributor',
      /entente schema KIND/,
    ],
    [
      'a contributor that is no text',
      withOne({ contributor: 'lead_time' }),
      'AGGREGATE_CONTRIBUTOR',
      'contributor',
      /such as supplier/,
    ],
    [
      'a dataset that the policy has not',
      withOne({ into: { dataset: 'elsewhere' } }),
      'UNKNOWN_DATASET',
      'into.dataset',
      /use production/,
    ],
    [
      'a value in two cells',
      withOne(cells(['One', ['ML3']], ['Two', ['ML4', 'ML3']])),
      'AGGREGATE_CELL',
      'cells.each.1.values.1',
      /stands in One too/,
    ],
    [
      'a value twice in one cell',
      withOne(cells(['One', ['ML3', 'ML3']])),
      'AGGREGATE_CELL',
      'cells.each.0.values.1',
      /stands in One too/,
    ],
    [
      'a name of two cells',
      withOne(cells(['One', ['ML3']], ['One', ['ML4']])),
      'AGGREGATE_CELL',
      'cells.each.1.name',
      /another name/,
    ],
    [
      'a value that the field cannot have',
      withOne(cells(['One', [3]])),
      'AGGREGATE_CELL',
      'cells.each.0.values.0',
      /no value of capability.domain/,
    ],
    [
      'cells by a list, in which a record could be twice',
      withOne({ cells: { by: 'materials', each: [{ name: 'One', values: ['Ti'] }] } }),
      'AGGREGATE_CELL',
      'cells.each.0.values.0',
      /one text or number/,
    ],
    [
      'a sum without a dominance rule',
      withOne({ dominance: undefined }),
      'AGGREGATE_DOMINANCE',
      '',
      /one contributor may have/,
    ],
    [
      'two that have less than one',
      withOne({ dominance: { largest: '60', largestTwo: '50' } }),
      'AGGREGATE_DOMINANCE',
      'dominance.largestTwo',
      /raise it/,
    ],
    [
      'a sum of months',
      withOne(from({ field: 'lead_time' })),
      'AGGREGATE_MEASURE',
      'measure',
      /range/,
    ],
    [
      'a sum of texts',
      withOne(from({ field: 'place' })),
      'AGGREGATE_MEASURE',
      'measure',
      /only be counted/,
    ],
    ['a count without bands', withOne({ measure: 'count' }), 'NO_BAND', 'measure', /bands.count/],
    ['fewer than three', withOne({ k: 2 }), 'FORM', 'k', /3/],
    [
      'a share that is no text',
      withOne({ dominance: { largest: 60 } }),
      'FORM',
      'dominance.largest',
      /"60", in quotes/,
    ],
    ['a member that there is not', withOne({ exact: true }), 'FORM', '', /take it out/],
  ])('%s', (_, document, code, place, words) => {
    const issues = checkPolicy(document)
    expect(issues).toContainEqual({
      code,
      place: ['aggregates[0] (makers-by-domain)', ...(place === '' ? [] : [place])]
        .join('.')
        .replace(/\.(\d+)/g, code === 'FORM' ? '[$1]' : '.$1'),
      message: expect.stringMatching(words),
    })
  })

  test('two of one id, and two that measure the same of the same records', () => {
    const twice = withAll(definition, { ...definition, title: 'Again' })
    expect(checkPolicy(twice).map(({ code }) => code)).toEqual([
      'DUPLICATE_ID',
      'AGGREGATE_OVERLAP',
    ])
    const other = { ...definition, id: 'other', ...cells(['All', ['ML3', 'ML15']]) }
    expect(locateIssues(withAll(definition, other))).toEqual([
      {
        code: 'AGGREGATE_OVERLAP',
        place: 'aggregates[1] (other).from.field',
        message: expect.stringContaining('makers-by-domain measures the same'),
        path: ['aggregates', 1, 'from', 'field'],
      },
    ])
    const msr = { ...other, ...from({ field: 'rate_msr' }) }
    expect(checkPolicy(withAll(definition, msr))).toEqual([])
    // Counts count contributors, whatever the field.
    const counts = [definition, msr].map((each) => ({ ...each, measure: 'count' }))
    expect(checkPolicy(withAll(...counts)).map(({ code }) => code)).toContain('AGGREGATE_OVERLAP')
  })
})

describe('a later edition', () => {
  const after = (change: object) =>
    changedAggregates(withOne(change), [definition]).map(({ code }) => code)

  test('may give another title, limits or order, and no other cells, field, measure or name', () => {
    expect(after({})).toEqual([])
    expect(after({ title: 'Other', k: 4, dominance: { largest: '50' }, level: 'fine' })).toEqual([])
    const [munitions, optics] = definition.cells.each
    expect(
      after({ cells: { by: 'domain', each: [optics, { ...munitions, values: ['ML4', 'ML3'] }] } }),
    ).toEqual([])
    for (const change of [
      cells(['Munitions', ['ML3']], ['Optics', ['ML4', 'ML15']]),
      cells(['Munitions', ['ML3', 'ML4']]),
      { measure: 'range' },
      { contributor: undefined },
      { into: { dataset: 'elsewhere' } },
      from({ field: 'rate_msr' }),
      { id: 'other-name' },
    ])
      expect(after(change), JSON.stringify(change)).toEqual(['AGGREGATE_CHANGED'])
    expect(after({ id: 'other-name', ...from({ field: 'rate_msr' }) })).toEqual([])
  })
})

describe('whether more is published', () => {
  const wider = (before: readonly object[], now: readonly object[]) =>
    widerAggregates(withAll(...before), withAll(...now))

  test.each<[fact: string, change: Partial<AggregateDefinition>, more: boolean]>([
    ['nothing differs', {}, false],
    ['the title does', { title: 'Other' }, false],
    ['k is raised', { k: 4 }, false],
    ['the dominance rule is stricter', { dominance: { largest: '50', largestTwo: '90' } }, false],
    ['the dominance rule is laxer', { dominance: { largest: '60.5', largestTwo: '90' } }, true],
    ['a part of the dominance rule goes', { dominance: { largest: '60' } }, true],
    ['bands are finer', { level: 'fine' }, true],
    [
      'a label is given',
      { label: { classification: 'RESTRICTED', releasableTo: [], caveats: [] } },
      true,
    ],
    ['it goes elsewhere', { into: { dataset: 'elsewhere' } }, true],
  ])('where %s', (_, change, more) => {
    expect(wider([definition], [{ ...definition, ...change }]).length > 0).toBe(more)
  })

  test('where one comes or goes, or k falls', () => {
    expect(wider([], [definition])).toEqual(['aggregate makers-by-domain would be published'])
    expect(wider([definition], [])).toEqual([])
    expect(wider([{ ...definition, k: 4 }], [definition])).toEqual([
      'aggregate makers-by-domain could say more',
    ])
    const other = { ...definition, id: 'other' }
    expect(wider([definition, other], [other, definition])).toEqual([])
  })

  test('is what a second authority is asked for', () => {
    const compiled = (...aggregates: readonly object[]) => compilePolicy(withAll(...aggregates))
    const widens = (before: readonly object[], now: readonly object[]) => {
      const [was, is] = [compiled(...before), compiled(...now)]
      const moments = momentsOf(was, is, october)
      return diffPolicies({
        before: was,
        after: is,
        nation: 'USA',
        records: [],
        at: null,
        moments,
        limit: 1_000_000,
      }).widens
    }
    expect(widens([definition], [{ ...definition, k: 5 }])).toEqual([])
    expect(widens([{ ...definition, k: 5 }], [definition])).toEqual([
      'aggregate makers-by-domain could say more',
    ])
  })
})
