import {
  type DataRecord,
  fieldsOf,
  isPseudonym,
  type Json,
  Kind,
  type Label,
  type Nation,
  pseudonymOf,
} from '@entente/schema'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checkPolicy, type IssueCode } from '../src/check.ts'
import { compilePolicy } from '../src/compile.ts'
import { type Composition, composeFragment, valueAt } from '../src/compose.ts'
import { createDecider } from '../src/decider.ts'
import { diffPolicies } from '../src/diff.ts'
import type { Row, Transform } from '../src/document.ts'
import { explain } from '../src/explain.ts'
import { type Level, levels } from '../src/levels.ts'
import { assertOften } from './enough.ts'
import { documentWith, october, open, recordWith } from './fixtures.ts'

const works = 'Pier 4, Dartmouth, Nova Scotia'
const name = 'Exercise Sonar Works of Dartmouth'
const maker = recordWith({
  kind: 'supplier',
  fields: {
    legal_name: { value: name, label: open },
    place: { value: { text: works, nation: 'CAN' }, label: open },
    products: { value: ['sonobuoys'], label: open },
  },
})
const edited = (field: string, value: Json, label: Label = open): DataRecord => ({
  ...maker,
  fields: { ...maker.fields, [field]: { value, label } },
})

const to = (recipient: Nation, id: string, fields: readonly string[], transform?: Transform): Row =>
  ({
    id,
    match: { recipient: { in: [recipient] }, kind: { in: ['supplier'] }, field: { in: fields } },
    reasonCode: id.toUpperCase(),
    authority: 'Exercise arrangement',
    ...(transform === undefined ? { effect: 'permit' } : { effect: 'transform', transform }),
  }) as Row
const forNation = (nation: Nation): readonly Row[] => [
  to(nation, `products-${nation.toLowerCase()}`, ['products']),
  to(nation, `country-${nation.toLowerCase()}`, ['place'], { kind: 'country' }),
  to(nation, `nameless-${nation.toLowerCase()}`, ['legal_name'], { kind: 'pseudonym' }),
]
const rules = [...forNation('NOR'), ...forNation('GBR')]
const document = documentWith({ rules })
const recordKey = new Uint8Array(32).fill(7)

const composed = (
  record: DataRecord,
  recipient: Nation = 'NOR',
  change: Parameters<typeof documentWith>[0] = { rules },
  key = recordKey,
): Composition =>
  composeFragment(
    { record, recipient, purpose: 'use', atMs: october, sender: 'USA' },
    createDecider(compilePolicy(documentWith(change))),
    { recordKey: key },
  )
const valuesIn = ({ fragment }: Composition) =>
  Object.fromEntries((fragment?.disclosures ?? []).map(([, field, value]) => [field, value]))

test('a place goes as its country, a name under a pseudonym, and the rest goes with it', () => {
  const made = composed(maker)
  expect(made.levels).toEqual({ legal_name: 'pseudonym', place: 'country', products: 'exact' })
  expect(valuesIn(made)).toEqual({
    legal_name: pseudonymOf(recordKey, 'NOR', 'legal_name'),
    place: { nation: 'CAN' },
    products: ['sonobuoys'],
  })
  const bytes = JSON.stringify(made.fragment)
  for (const text of [works, name, 'Dartmouth', 'Pier']) expect(bytes).not.toContain(text)
})

test('a place whose nation the record does not state goes nowhere, whatever its text says', () => {
  for (const value of [
    { text: 'Halifax, CAN' },
    { text: 'Halifax', nation: null },
    { text: 'Halifax', nation: 'XXX' },
    { text: 'Halifax', nation: 'can' },
    { nation: 'CAN' },
    [{ text: 'Halifax', nation: 'CAN' }],
    'CAN',
    null,
  ]) {
    const made = composed(edited('place', value))
    expect(made.fields).toEqual(['legal_name', 'products'])
    expect(made.fragment).toEqual(composed(edited('place', null)).fragment)
  }
})

test('the same nation gets the same pseudonym whatever becomes of record and policy; no other gets it', () => {
  const pseudonym = (made: Composition) => valuesIn(made)['legal_name']
  const first = composed(maker)
  expect(isPseudonym(String(pseudonym(first)))).toBe(true)
  // The name is edited: nothing shows, not even that something changed.
  expect(composed(edited('legal_name', 'Another name')).fragment).toEqual(first.fragment)
  expect(pseudonym(composed(edited('products', ['tubes'])))).toBe(pseudonym(first))
  expect(pseudonym(composed(maker, 'NOR', { rules, edition: 9 }))).toBe(pseudonym(first))
  expect(pseudonym(composed({ ...maker, dataset: 'production' }))).toBe(pseudonym(first))
  expect(pseudonym(composed(maker, 'GBR'))).not.toBe(pseudonym(first))
  // The same name in another record, which has another key.
  const other = composed(maker, 'NOR', { rules }, new Uint8Array(32).fill(8))
  expect(pseudonym(other)).not.toBe(pseudonym(first))
})

test('without a name or a pseudonym nothing of the record goes', () => {
  const hidden = edited('legal_name', name, { ...open, releasableTo: [] })
  expect(composed(hidden).fragment).toBeNull()
  expect(composed(edited('legal_name', null)).fragment).toBeNull()
  const named = to('NOR', 'redacted', ['legal_name'], { kind: 'redact' })
  expect(composed(maker, 'NOR', { rules: [...rules, named] }).fragment).toBeNull()
  // Neither a band nor a nation says which record it is.
  for (const transform of [{ kind: 'country' }, { kind: 'band', level: 'fine' }] as const) {
    const odd = to('NOR', 'odd', ['legal_name'], transform)
    expect(
      composed(maker, 'NOR', { rules: [odd, to('NOR', 'all', ['products'])] }).fragment,
    ).toBeNull()
  }
})

test('a name that would be taken for a pseudonym goes to nobody', () => {
  const exact = { rules: [to('NOR', 'all', ['legal_name', 'products', 'place'])] }
  expect(composed(maker, 'NOR', exact).levels).toMatchObject({ legal_name: 'exact' })
  const posing = edited('legal_name', 'Withheld-7k3f-9qx2-m4td')
  expect(composed(posing, 'NOR', exact).fragment).toBeNull()
  const words = explain(
    { record: posing, recipient: 'NOR', atMs: october },
    compilePolicy(documentWith(exact)),
  ).fields.find(({ field }) => field === 'legal_name')?.words
  expect(words).toMatch(/not sent: the name would be taken for a pseudonym/)
  expect(valuesIn(composed(posing))['legal_name']).toBe(pseudonymOf(recordKey, 'NOR', 'legal_name'))
})

const anyTransform = fc.constantFrom<Transform | undefined>(
  undefined,
  undefined,
  { kind: 'redact' },
  { kind: 'country' },
  { kind: 'country' },
  { kind: 'pseudonym' },
  { kind: 'pseudonym' },
  { kind: 'band', level: 'fine' },
  { kind: 'band', level: 'coarse' },
)

test('whatever the rows, a text goes only where every row that matches lets it go whole', () => {
  const word = fc.stringMatching(/^[a-z]{12}$/)
  const perField = fc.array(anyTransform, { minLength: 1, maxLength: 2 })
  const seen: Record<string, number> = { exact: 0, country: 0, pseudonym: 0 }
  assertOften(
    fc.property(
      fc.record({ legal_name: perField, place: perField, products: perField }),
      fc.tuple(word, word, word),
      (asked, [one, two, three]) => {
        const rows = Object.entries(asked).flatMap(([field, transforms]) =>
          transforms.map((transform) => [[field], transform] as const),
        )
        const record = edited('legal_name', `X ${one}`)
        const record2 = {
          ...record,
          fields: {
            ...record.fields,
            place: { value: { text: `X ${two}`, nation: 'CAN' }, label: open },
            products: { value: [`X ${three}`], label: open },
          },
        }
        const listed = rows.map(([fields, transform], i) => to('NOR', `r-${i}`, fields, transform))
        const made = composed(record2, 'NOR', { rules: listed })
        const bytes = JSON.stringify(made.fragment)
        const texts = { legal_name: one, place: two, products: three }
        for (const [field, text] of Object.entries(texts)) {
          const isWhole = rows.every(([[of], t]) => of !== field || t === undefined)
          if (bytes.includes(text)) expect(isWhole).toBe(true)
          const level = made.levels[field]
          if (level !== undefined) seen[level] = (seen[level] ?? 0) + 1
        }
      },
    ),
    { met: () => Math.min(...Object.values(seen)), few: 1, numRuns: 100 },
  )
  expect(Object.keys(seen).sort()).toEqual(['country', 'exact', 'pseudonym'])
})

test('no level but the whole one ever gives the value of any field of any kind', () => {
  const policy = compilePolicy(document)
  const samples: readonly Json[] = ['text', '12', { text: 'x', nation: 'CAN' }]
  for (const kind of Kind.options)
    for (const field of [...Object.keys(fieldsOf(kind)), 'unknown', 'constructor'])
      for (const value of samples) {
        const record = recordWith({ kind, fields: { [field]: { value, label: open } } })
        for (const level of ['fine', 'coarse', 'country', 'pseudonym'] satisfies Level[])
          expect(valueAt(record, field, level, policy)).not.toEqual(value)
      }
})

describe('what officers read', () => {
  const policy = compilePolicy(document)
  const whyOf = (field: string, record = maker) =>
    explain({ record, recipient: 'NOR', atMs: october }, policy).fields.find(
      (each) => each.field === field,
    )

  test('why tells the form and the row', () => {
    expect(whyOf('place')).toMatchObject({
      level: 'country',
      words: expect.stringMatching(
        /^as its country only by row country-nor of USA edition 1, under Exercise arrangement/,
      ),
    })
    expect(whyOf('legal_name')).toMatchObject({
      level: 'pseudonym',
      words: expect.stringMatching(/^under a pseudonym, without the name, by row nameless-nor of/),
    })
    expect(explain({ record: maker, recipient: 'NOR', atMs: october }, policy).identified).toBe(
      true,
    )
  })

  test('why tells what does not fit, and that no value is two things at once', () => {
    expect(whyOf('place', edited('place', { text: 'Halifax' }))).toMatchObject({
      level: 'redact',
      words: expect.stringMatching(/not sent: the record does not state in which nation it is$/),
    })
    const both = to('NOR', 'both', ['place'], { kind: 'band', level: 'coarse' })
    const [, place] = explain(
      { record: maker, recipient: 'NOR', atMs: october },
      compilePolicy(documentWith({ rules: [...rules, both] })),
    ).fields
    expect(place?.words).toMatch(
      /^not sent \(nothing is coarse and country at once\) by rows both, country-nor of/,
    )
  })

  test('a spill in a text of which nothing goes asks nobody', () => {
    const spilt = 'TOP SECRET works'
    const made = composed(edited('place', { text: spilt, nation: 'CAN' }))
    expect(made.levels['place']).toBe('country')
    const exact = { rules: [to('NOR', 'all', ['legal_name', 'place'])] }
    const waits = composed(edited('place', { text: spilt, nation: 'CAN' }), 'NOR', exact)
    expect(waits.pending.map(({ subject }) => subject.field)).toEqual(['place'])
  })

  test('an officer is asked for the pseudonym as it would go, and the record waits for it', () => {
    const ask: Row = {
      id: 'ask',
      effect: 'approve',
      match: { recipient: { in: ['NOR'] }, field: { in: ['legal_name'] } },
      reasonCode: 'ASK',
    }
    const made = composed(maker, 'NOR', { rules: [...rules, ask] })
    expect(made.fragment).toBeNull()
    expect(made.pending).toMatchObject([
      { subject: { field: 'legal_name', level: 'pseudonym' }, because: ['ASK'] },
    ])
    expect(made.pending[0]?.disclosure[2]).toBe(pseudonymOf(recordKey, 'NOR', 'legal_name'))
  })
})

test.each<[fault: string, row: Row, code: IssueCode, place: string]>([
  [
    'the country of what is no place',
    to('NOR', 'r', ['place', 'products'], { kind: 'country' }),
    'NO_PLACE',
    'rules[0] (r).match.field',
  ],
  [
    'the country of whatever there is',
    { ...to('NOR', 'r', [], { kind: 'country' }), match: { recipient: { in: ['NOR'] } } },
    'NO_PLACE',
    'rules[0] (r).match.field',
  ],
  [
    'a pseudonym for what is no name',
    to('NOR', 'r', ['aliases'], { kind: 'pseudonym' }),
    'NO_NAME',
    'rules[0] (r).match.field',
  ],
  [
    'a pseudonym for whatever there is',
    { ...to('NOR', 'r', [], { kind: 'pseudonym' }), match: { recipient: { in: ['NOR'] } } },
    'NO_NAME',
    'rules[0] (r).match.field',
  ],
  [
    'a band of a place',
    to('NOR', 'r', ['place'], { kind: 'band', level: 'fine' }),
    'NO_BAND',
    'rules[0] (r).match.field',
  ],
])('refuses %s', (_, row, code, place) => {
  const issues = checkPolicy({ ...document, rules: [row] })
  expect(issues.map((issue) => [issue.code, issue.place])).toEqual([[code, place]])
})

test('a transform that there is not is answered with those that there are', () => {
  const odd = { ...to('NOR', 'r', ['place']), effect: 'transform', transform: { kind: 'nation' } }
  const [issue] = checkPolicy({ ...document, rules: [odd] })
  expect(issue).toMatchObject({ code: 'FORM', place: 'rules[0] (r).transform.kind' })
  expect(issue?.message).toMatch(/; write band \(with its level\), country, pseudonym or redact$/)
})

test('takes a row for places and one for names, and tests what they give', () => {
  const asked = {
    record: { kind: 'supplier', dataset: 'production', label: open },
    recipient: 'NOR',
    expect: 'transform',
  } as const
  const tests = [
    { ...asked, field: 'place', level: 'country' },
    { ...asked, field: 'legal_name', level: 'pseudonym' },
  ] as const
  expect(checkPolicy({ ...document, tests })).toEqual([])
  const wrong = checkPolicy({ ...document, tests: [{ ...tests[0], level: 'pseudonym' }] })
  expect(wrong).toMatchObject([{ code: 'TEST', place: 'tests[0]' }])
})

describe('policy diff', () => {
  const whole = documentWith({ rules: [to('NOR', 'all', ['legal_name', 'place', 'products'])] })
  const narrow = documentWith({ rules: forNation('NOR'), edition: 2 })
  const diff = (before: typeof whole, after: typeof whole, records = [maker]) =>
    diffPolicies({
      before: compilePolicy(before),
      after: compilePolicy(after),
      nation: 'USA',
      records,
      at: { beforeMs: october, afterMs: october },
      moments: [{ beforeMs: october, afterMs: october }],
    })

  test('counts what becomes a country or a pseudonym, and back', () => {
    const { held, boundary, widens } = diff(whole, narrow)
    expect(held).toMatchObject({ gains: 0, losses: 2 })
    expect(held.changes.map(({ field, before, after }) => [field, before, after])).toEqual([
      ['legal_name', 'exact', 'pseudonym'],
      ['place', 'exact', 'country'],
    ])
    expect([boundary.gains, widens]).toEqual([0, []])
    const sorts = boundary.changes.map(({ kind, field, after }) => `${kind}.${field} ${after}`)
    expect(new Set(sorts)).toEqual(
      new Set(['supplier.legal_name pseudonym', 'supplier.place country']),
    )
    const back = diff(narrow, whole)
    expect([back.held.gains, back.held.losses]).toEqual([2, 0])
    expect(back.widens.length).toBeGreaterThan(0)
  })

  test('what does not fit does not count as going', () => {
    const placeless = edited('place', { text: 'Halifax' })
    const { held } = diff(whole, narrow, [placeless, maker])
    expect(held.changes).toMatchObject([
      { field: 'legal_name', after: 'pseudonym', records: 2 },
      { field: 'place', after: 'country', records: 1 },
      { field: 'place', after: 'nothing', records: 1 },
    ])
    // A row without fields takes all there is for places: of these only the place goes.
    const all: Row = {
      ...to('NOR', 'all', [], { kind: 'country' }),
      match: { recipient: { in: ['NOR'] }, kind: { in: ['supplier'] } },
    }
    const wide = diff(documentWith({ rules: [] }), documentWith({ rules: [all], edition: 2 }))
    const sorts = wide.boundary.changes.map(({ kind, field, fields }) => [
      `${kind}.${field}`,
      fields,
    ])
    expect(sorts).toEqual([['supplier.place', ['supplier.place']]])
    expect(wide.held.changes).toEqual([])
  })

  test('a pseudonym lets a record go that did not', () => {
    const without = documentWith({ rules: [to('NOR', 'all', ['place', 'products'])] })
    const { held, widens } = diff(without, narrow)
    expect(held.changes.map(({ field, before, after }) => [field, before, after])).toEqual([
      ['legal_name', 'nothing', 'pseudonym'],
      ['place', 'nothing', 'country'],
      ['products', 'nothing', 'exact'],
    ])
    expect(widens[0]).toBe('3 fields of records held would say more')
  })
})

test('policy diff finds what the fragments of both editions find, with names and places in any form', () => {
  const asked = fc.record({
    legal_name: fc.array(anyTransform, { maxLength: 2 }),
    place: fc.array(anyTransform, { maxLength: 2 }),
    products: fc.array(anyTransform, { maxLength: 1 }),
  })
  const document = (wanted: Readonly<Record<string, readonly (Transform | undefined)[]>>) =>
    documentWith({
      rules: Object.entries(wanted).flatMap(([field, transforms]) =>
        transforms.map((transform, i) => to('NOR', `${field[0]}-${i}`, [field], transform)),
      ),
    })
  let moved = 0
  assertOften(
    fc.property(asked, asked, fc.boolean(), (a, b, placeless) => {
      const record = placeless ? edited('place', { text: works }) : maker
      const editions = [document(a), document(b)].map(compilePolicy)
      const [was, now] = editions.map(
        (policy) =>
          composeFragment(
            { record, recipient: 'NOR', purpose: 'use', atMs: october, sender: 'USA' },
            createDecider(policy),
            { recordKey },
          ).levels,
      ) as [Composition['levels'], Composition['levels']]
      const { held } = diffPolicies({
        before: editions[0] ?? null,
        after: editions[1] as (typeof editions)[0],
        nation: 'USA',
        records: [record],
        at: { beforeMs: october, afterMs: october },
        moments: [],
      })
      const wanted = Object.keys(record.fields).flatMap((field) => {
        const [before, after] = [was[field] ?? 'nothing', now[field] ?? 'nothing']
        return before === after ? [] : [[field, before, after].join()]
      })
      const found = held.changes.map(({ field, before, after }) => [field, before, after].join())
      expect(found.sort()).toEqual(wanted.sort())
      moved += wanted.length
    }),
    { met: () => moved, few: 10, numRuns: 60 },
  )
})

test('the levels are told in one order everywhere', () => {
  expect([...levels]).toEqual(['exact', 'fine', 'coarse', 'country', 'pseudonym', 'redact'])
})
