import type { Label } from '@entente/schema'
import { describe, expect, test } from 'vitest'
import { checkPolicy } from '../../src/check.ts'
import { decide } from '../../src/decide.ts'
import { createDecider } from '../../src/decider.ts'
import { checkEquivalences } from '../../src/labels/check-equivalences.ts'
import {
  compileEquivalences,
  type Equivalence,
  equivalentOf,
  markingsFor,
} from '../../src/labels/equivalence.ts'
import { documentWith, labelled, october, permitted, policyWith } from '../fixtures.ts'

const none = { 'TOP SECRET': [], SECRET: [], CONFIDENTIAL: [], RESTRICTED: [], UNCLASSIFIED: [] }
const spain: Equivalence = {
  agreement: 'exercise GSA with ESP',
  scheme: 'ESP',
  from: '2020-01-01',
  until: '2027-01-01',
  levels: {
    ...none,
    'TOP SECRET': [{ text: 'SECRETO' }],
    SECRET: [{ text: 'RESERVADO' }],
    CONFIDENTIAL: [{ text: 'CONFIDENCIAL' }],
    RESTRICTED: [{ text: 'DIFUSIÓN LIMITADA' }],
  },
}
const france: Equivalence = {
  agreement: 'exercise GSA with FRA',
  scheme: 'FRA',
  from: '2020-01-01',
  levels: {
    ...none,
    'TOP SECRET': [{ text: 'TRÈS SECRET' }],
    SECRET: [{ text: 'SECRET' }, { text: 'SECRET DÉFENSE', until: '2021-07-01' }],
    CONFIDENTIAL: [{ text: 'CONFIDENTIEL DÉFENSE', until: '2021-07-01' }],
  },
}
const at = (day: string) => Date.parse(`${day}T00:00:00Z`)
const ask = (marking: string, day: string, issued = day, table = [spain, france]) =>
  equivalentOf(marking, { atMs: at(day), issuedMs: at(issued) }, compileEquivalences(table))

test('SECRETO is TOP SECRET, by the agreement that says so', () => {
  expect(ask('ESP:SECRETO', '2026-10-01')).toEqual({
    ok: true,
    classification: 'TOP SECRET',
    agreement: 'exercise GSA with ESP',
  })
})

test.each<[what: string, marking: string, day: string, issued: string, code: string]>([
  ['another nation’s word', 'ESP:SECRET', '2026-10-01', '2026-10-01', 'UNKNOWN_MARKING'],
  ['a word like one of its own', 'ESP:Secreto', '2026-10-01', '2026-10-01', 'UNKNOWN_MARKING'],
  ['a scheme without agreement', 'PRT:SECRETO', '2026-10-01', '2026-10-01', 'NO_AGREEMENT'],
  ['an agreement before its time', 'ESP:SECRETO', '2019-12-31', '2019-12-31', 'NO_AGREEMENT'],
  ['an agreement that has ended', 'ESP:SECRETO', '2027-01-01', '2026-01-01', 'NO_AGREEMENT'],
  [
    'a marking no longer given',
    'FRA:CONFIDENTIEL DÉFENSE',
    '2026-10-01',
    '2021-07-01',
    'NOT_ISSUED',
  ],
  [
    'a name that every object has',
    'constructor:SECRETO',
    '2026-10-01',
    '2026-10-01',
    'NO_AGREEMENT',
  ],
])('%s has no equivalent', (_, marking, day, issued, code) => {
  expect(ask(marking, day, issued)).toMatchObject({ ok: false, code })
})

test('an old marking keeps its old level', () => {
  expect(ask('FRA:CONFIDENTIEL DÉFENSE', '2026-10-01', '2021-06-30')).toMatchObject({
    ok: true,
    classification: 'CONFIDENTIAL',
  })
})

test('where agreements differ, the highest counts', () => {
  const low = {
    ...spain,
    agreement: 'another',
    levels: { ...none, CONFIDENTIAL: [{ text: 'CONFIDENCIAL' }] },
  }
  const high = {
    ...low,
    agreement: 'a third',
    levels: { ...none, SECRET: [{ text: 'CONFIDENCIAL' }] },
  }
  for (const table of [
    [low, high],
    [high, low],
  ])
    expect(ask('ESP:CONFIDENCIAL', '2026-10-01', '2026-10-01', table)).toMatchObject({
      classification: 'SECRET',
      agreement: 'a third',
    })
})

test('a level that a scheme does not have creeps up, never down', () => {
  const table = compileEquivalences([spain, france])
  const said = (level: 'RESTRICTED' | 'CONFIDENTIAL' | 'UNCLASSIFIED', day: string) =>
    markingsFor(level, 'FRA', france.agreement, at(day), table)
  expect(said('RESTRICTED', '2026-10-01')).toEqual({ markings: ['SECRET'], raised: true })
  expect(said('CONFIDENTIAL', '2021-06-30')).toEqual({
    markings: ['CONFIDENTIEL DÉFENSE'],
    raised: false,
  })
  expect(markingsFor('SECRET', 'ESP', spain.agreement, at('2027-01-01'), table)).toBe(null)
})

describe('a table is refused', () => {
  const moved = (levels: Partial<Equivalence['levels']>, scheme = 'ESP') => [
    { ...spain, scheme, levels: { ...none, ...levels } },
  ]
  test.each<[what: string, table: readonly Equivalence[], code: string]>([
    ['SECRETO as SECRET', moved({ SECRET: [{ text: 'SECRETO' }] }), 'FALSE_FRIEND'],
    ['RESERVADO as RESTRICTED', moved({ RESTRICTED: [{ text: 'RESERVADO' }] }), 'FALSE_FRIEND'],
    [
      'its own SECRET as CONFIDENTIAL',
      moved({ CONFIDENTIAL: [{ text: 'SECRET' }] }, 'USA'),
      'FALSE_FRIEND',
    ],
    [
      'NIEJAWNE as UNCLASSIFIED',
      moved({ UNCLASSIFIED: [{ text: 'NIEJAWNE' }] }, 'POL'),
      'NOT_A_LEVEL',
    ],
    [
      'one word twice',
      moved({ SECRET: [{ text: 'X' }], CONFIDENTIAL: [{ text: 'X' }] }),
      'MARKING_TWICE',
    ],
    ['a word in small letters', moved({ SECRET: [{ text: 'Reservado' }] }), 'MARKING_FORM'],
    [
      'a word in another normal form',
      moved({ SECRET: [{ text: 'TRÈS'.normalize('NFD') }] }),
      'MARKING_FORM',
    ],
    ['two tables at once', [spain, { ...spain, from: '2026-01-01' }], 'EQUIVALENCE_TWICE'],
    ['an end before the beginning', [{ ...spain, until: '2019-01-01' }], 'EQUIVALENCE_INTERVAL'],
  ])('that has %s', (_, table, code) => {
    expect(checkEquivalences(table).map((issue) => issue.code)).toContain(code)
    expect(checkPolicy(documentWith({ equivalences: table })).map((issue) => issue.code)).toContain(
      code,
    )
  })

  test('but not one that protects higher, or follows another', () => {
    expect(checkEquivalences(moved({ 'TOP SECRET': [{ text: 'RESERVADO' }] }))).toEqual([])
    expect(
      checkEquivalences([spain, { ...spain, from: '2027-01-01', until: '2028-01-01' }]),
    ).toEqual([])
    expect(checkEquivalences(moved({ CONFIDENTIAL: [{ text: 'SECRET' }] }, 'ROU'))).toEqual([])
  })

  test('that leaves a rung out, or names no scheme', () => {
    const { RESTRICTED: _, ...levels } = spain.levels
    for (const wrong of [
      { ...spain, levels },
      { ...spain, scheme: 'NSG' },
      { ...spain, from: 'soon' },
    ])
      expect(checkPolicy({ ...documentWith(), equivalences: [wrong] })).toMatchObject([
        { code: 'FORM' },
      ])
  })
})

describe('a label with an original marking', () => {
  const policy = policyWith({ equivalences: [spain] })
  const reason = 'original marking has no equivalent in force as low as the classification'
  const asked = (label: Partial<Label>) => ({ ...permitted, record: labelled('rate_max', label) })
  const reserved = asked({ classification: 'SECRET', original: ['ESP:RESERVADO'] })

  test('goes at the level of its equivalent, until the agreement ends', () => {
    expect(decide(reserved, policy)).toMatchObject({
      effect: 'permit',
      validUntil: at('2027-01-01'),
    })
    expect(decide({ ...reserved, atMs: at('2027-01-01') }, policy)).toMatchObject({
      effect: 'deny',
      because: [reason],
    })
  })

  test.each<[what: string, label: Partial<Label>]>([
    [
      'is classified lower than its equivalent',
      { classification: 'SECRET', original: ['ESP:SECRETO'] },
    ],
    ['has a word that is none', { classification: 'SECRET', original: ['ESP:SECRET'] }],
    ['is of a scheme without agreement', { classification: 'SECRET', original: ['PRT:RESERVADO'] }],
    [
      'has one good and one bad marking',
      { classification: 'SECRET', original: ['ESP:RESERVADO', 'PRT:RESERVADO'] },
    ],
  ])('is for nobody where it %s', (_, label) => {
    expect(decide(asked(label), policy)).toMatchObject({ effect: 'deny', because: [reason] })
  })

  test('is remembered by its marking', () => {
    const decider = createDecider(policy)
    for (const original of [['ESP:RESERVADO'], ['ESP:SECRETO'], undefined]) {
      const question = asked({ classification: 'SECRET', ...(original && { original }) })
      expect(decider.decide(question)).toEqual(decide(question, policy))
    }
    expect(decider.decide({ ...reserved, atMs: october })).toMatchObject({ effect: 'permit' })
  })
})
