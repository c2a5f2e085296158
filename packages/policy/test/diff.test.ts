import { type DataRecord, nations } from '@entente/schema'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compilePolicy } from '../src/compile.ts'
import { composeFragment, valueAt } from '../src/compose.ts'
import { decideApproved, levelOf } from '../src/decide.ts'
import { createDecider, type Decider } from '../src/decider.ts'
import { diffPolicies, momentsOf } from '../src/diff.ts'
import type { PolicyDocument, Row } from '../src/document.ts'
import {
  type Answered,
  gainOf,
  movedRoles,
  nothing,
  type Outcome,
  withApproval,
} from '../src/outcome.ts'
import { question } from './arbitrary.ts'
import { diff, edition, expectEveryDifference } from './compare.ts'
import { assertOften } from './enough.ts'
import { allFive, documentWith, labelled, october, open, record } from './fixtures.ts'

const base = documentWith()
const row = (id: string, change: object): Row => ({ ...allFive, id, ...change }) as Row
const secretDenied = row('no-secret', {
  effect: 'deny',
  match: { classification: { atLeast: 'SECRET' } },
})
const contact = row('contact-by-officer', {
  effect: 'approve',
  match: { recipient: { in: ['AUS', 'GBR'] }, field: { in: ['owner_contact'] } },
})
const rateBands = row('rate-bands', {
  effect: 'transform',
  match: { recipientGroups: { intersects: ['AUKUS'] }, field: { in: ['rate_max', 'unit_cost'] } },
  transform: { kind: 'band', level: 'fine' },
})
const money = {
  levels: [
    { name: 'fine' as const, edges: ['0', '10'] },
    { name: 'coarse' as const, edges: ['0'] },
  ],
}
const until = (nation: string, end: string) => ({
  ...base.groups,
  AUKUS: (base.groups['AUKUS'] ?? []).map((stay) =>
    stay.nation === nation ? { ...stay, until: end } : stay,
  ),
})

describe('an edition that lets more go says what', () => {
  test.each<[what: string, before: PolicyDocument, after: PolicyDocument, change: object]>([
    [
      'a row for one more field and nation',
      base,
      documentWith({
        rules: [
          allFive,
          row('nor-titles', { match: { recipient: { in: ['NOR'] }, field: { in: ['title'] } } }),
        ],
      }),
      { nations: ['NOR'], field: 'title', before: 'nothing', after: 'exact' },
    ],
    [
      'a higher ceiling',
      base,
      documentWith({ ceilings: { ...base.ceilings, GBR: 'TOP SECRET' } }),
      { nations: ['GBR'], label: { classification: 'TOP SECRET' }, after: 'exact' },
    ],
    [
      'a ceiling for a nation that had none',
      documentWith({ ceilings: { AUS: 'SECRET' } }),
      documentWith({ ceilings: { AUS: 'SECRET', GBR: 'UNCLASSIFIED' } }),
      { nations: ['GBR'], label: { classification: 'UNCLASSIFIED' }, after: 'exact' },
    ],
    [
      'a denial that is gone',
      documentWith({ rules: [allFive, secretDenied] }),
      base,
      { label: { classification: 'SECRET' }, before: 'nothing', after: 'exact' },
    ],
    [
      'an approval where nothing went',
      documentWith({ rules: [contact] }),
      documentWith({ rules: [contact, allFive] }),
      { field: 'owner_contact', before: 'nothing', after: 'approve exact' },
    ],
    [
      'a band that is gone',
      documentWith({ rules: [allFive, rateBands] }),
      base,
      { before: 'fine', after: 'exact' },
    ],
    [
      'bands for a quantity that had none, and so did not go',
      documentWith({ rules: [rateBands] }),
      documentWith({ rules: [rateBands], bands: { ...base.bands, money } }),
      { field: 'unit_cost', before: 'nothing', after: 'fine' },
    ],
    [
      'a commercial field, by naming the caveat',
      base,
      documentWith({
        rules: [
          row('all-fields', {
            match: {
              ...allFive.match,
              caveats: { subsetOf: ['COMMERCIAL', 'NOFORN', 'ONLY', 'ORCON'] },
            },
          }),
        ],
      }),
      { label: { caveats: ['COMMERCIAL'] }, after: 'exact' },
    ],
    [
      'another purpose',
      base,
      documentWith({
        rules: [
          row('all-fields', {
            match: { ...allFive.match, purpose: { in: ['use', 'retransfer'] } },
          }),
        ],
      }),
      { purpose: 'retransfer', after: 'exact' },
    ],
    [
      'a dataset more',
      base,
      documentWith({ datasets: { ...base.datasets, needs: { mode: 'manual', title: 'Needs' } } }),
      { datasets: ['needs'], after: 'exact' },
    ],
    [
      'a group that takes in one more nation, from a later day',
      base,
      documentWith({
        groups: {
          ...base.groups,
          AUKUS: [...(base.groups['AUKUS'] ?? []), { nation: 'NOR', from: '2027-03-01' }],
        },
      }),
      { nations: ['NOR'], on: '2027-03-01', after: 'exact' },
    ],
    [
      'a label’s group that takes in one more nation',
      documentWith({
        groups: {
          ...base.groups,
          AUKUS: [...(base.groups['AUKUS'] ?? []), { nation: 'NOR', from: '2021-09-15' }],
          NATO: [],
        },
      }),
      documentWith({
        groups: {
          ...base.groups,
          AUKUS: [...(base.groups['AUKUS'] ?? []), { nation: 'NOR', from: '2021-09-15' }],
        },
      }),
      { nations: ['NOR'], label: { releasableTo: ['NATO'] }, after: 'exact' },
    ],
    [
      'a membership that does not end any more',
      documentWith({ groups: until('GBR', '2027-01-01') }),
      base,
      { nations: ['GBR'], on: '2027-01-01', after: 'exact' },
    ],
    [
      'a grade of confidence more',
      documentWith({
        rules: [row('all-fields', { match: { ...allFive.match, confidence: { in: ['A1'] } } })],
      }),
      documentWith({
        rules: [
          row('all-fields', { match: { ...allFive.match, confidence: { in: ['A1', 'B2'] } } }),
        ],
      }),
      { confidence: 'B2', after: 'exact' },
    ],
  ])('%s', (_, before, after, change) => {
    const { boundary, widens } = diff(before, after)
    expect(boundary).toMatchObject({ complete: true, losses: 0 })
    expect(boundary.changes).toContainEqual(expect.objectContaining(deep(change)))
    expect(widens).not.toEqual([])
    // The way back only narrows.
    const back = diff(after, before)
    expect(back.boundary.losses).toBeGreaterThan(0)
    expect(back.widens).toEqual([])
  })

  test('the first edition gives all that it gives', () => {
    const { boundary, widens } = diff(null, base)
    expect(boundary.gains).toBe(boundary.changes.length)
    expect(widens).toHaveLength(1)
    expect(diff(null, documentWith({ rules: [] })).widens).toEqual([])
  })

  test('an approval that is no longer asked for', () => {
    const { boundary, widens } = diff(documentWith({ rules: [allFive, contact] }), base)
    expect(boundary.changes).toContainEqual(
      expect.objectContaining({ field: 'owner_contact', before: 'approve exact', after: 'exact' }),
    )
    expect(widens).toHaveLength(1)
  })

  test('an end that is put off; one that is brought forward gives way to the edition before', () => {
    const longer = documentWith({ until: '2029-01-01' })
    expect(diff(base, longer).boundary.changes).toContainEqual(
      expect.objectContaining({ on: '2028-01-01', before: 'nothing', after: 'exact' }),
    )
    expect(diff(longer, base)).toMatchObject({ boundary: { changes: [] }, widens: [] })
  })

  test('a dataset that becomes live takes a person’s look away', () => {
    const live = documentWith({ datasets: { production: { mode: 'live', title: 'Production' } } })
    expect(diff(base, live).widens).toEqual([
      'dataset production would release without a person looking',
    ])
    expect(diff(live, base).widens).toEqual([])
  })

  test('what cannot be asked in full counts as more', () => {
    const request = {
      before: compilePolicy(base),
      after: compilePolicy(base),
      nation: 'USA' as const,
      records: [],
      at: null,
    }
    const moments = momentsOf(request.before, request.after, october)
    expect(diffPolicies({ ...request, moments, limit: 3 }).widens).toEqual([
      'there are more sorts of questions than could be asked',
    ])
    const names = ['AUS', 'CAN', 'GBR', 'NOR', 'NZL', 'POL', 'USA']
    const many = documentWith({
      rules: [
        row('all-fields', { match: { ...allFive.match, releasableTo: { intersects: names } } }),
      ],
    })
    expect(diff(many, many).boundary.complete).toBe(false)
  })
})

describe('what more roles may read is more', () => {
  const gbr = { recipient: { in: ['GBR'] } }
  const all = row('all', { match: gbr })
  const limit = (match: object, roles = ['engineering']) => row('lim', { match, roles })
  const before = documentWith({ rules: [all, limit(gbr)] })
  const roles = { before: ['engineering'], after: null }

  test.each<[what: string, rules: readonly Row[]]>([
    ['is for another field', [all, limit({ ...gbr, field: { in: ['trl'] } })]],
    ['has run out', [all, limit({ ...gbr, at: { until: '2026-09-01' } })]],
    ['is for another nation', [all, limit({ recipient: { in: ['NOR'] } })]],
    ['is gone', [all]],
    ['waits for an officer beside', [all, limit({ recipient: { in: ['NOR'] } }), contact]],
  ])('where the row that limits them %s', (_, rules) => {
    const after = documentWith({ edition: 2, rules: [...rules] })
    const { held, boundary, widens } = diff(before, after, [record])
    expect(held.changes).toContainEqual(
      expect.objectContaining({ nation: 'GBR', field: 'rate_max', before: 'exact', roles }),
    )
    expect(held.gains).toBeGreaterThan(0)
    expect(boundary.changes).toContainEqual(
      expect.objectContaining({ nations: ['GBR'], before: 'exact', after: 'exact', roles }),
    )
    expect(widens.length).toBeGreaterThanOrEqual(2)
    expect(diff(before, after).widens).not.toEqual([])
  })

  test('fewer, or the same by other rows, is not', () => {
    const open = documentWith({ rules: [all] })
    expect(diff(open, before, [record])).toMatchObject({ held: { gains: 0 }, widens: [] })
    expect(diff(open, before, [record]).held.losses).toBeGreaterThan(0)
    const again = documentWith({ rules: [all, limit(gbr), { ...limit(gbr), id: 'lim-2' } as Row] })
    expect(diff(before, again, [record])).toMatchObject({ held: { changes: [] }, widens: [] })
  })

  test('of what waits for officers too', () => {
    const waiting = row('asks', { effect: 'approve', match: gbr })
    const asked = documentWith({ rules: [all, limit(gbr), waiting] })
    const freed = documentWith({ rules: [all, waiting] })
    expect(diff(asked, freed, [record]).held.changes).toContainEqual(
      expect.objectContaining({ before: 'approve exact', after: 'approve exact', roles }),
    )
  })
})

describe('rows about origins', () => {
  const from = (...lists: readonly (readonly string[])[]) =>
    documentWith({
      rules: lists.map((list, i) =>
        row(`from-${i}`, { match: { ...allFive.match, origins: { subsetOf: list } } }),
      ),
    })
  const codes = [...nations.keys()].filter((code) => code !== 'USA')

  test('that name very many nations are compared, for it makes no difference which of them it is', () => {
    const many = diff(from(codes.slice(0, 31)), from(codes.slice(0, 31)))
    expect(many).toMatchObject({ boundary: { complete: true, gains: 0, losses: 0 }, widens: [] })
    const one = diff(from(codes.slice(0, 31)), from(codes.slice(0, 32)))
    expect(one.boundary.complete).toBe(true)
    expect(one.boundary.changes).toContainEqual(
      expect.objectContaining({ origins: [codes[31]], before: 'nothing', after: 'exact' }),
    )
    expect(diff(from(codes.slice(0, 32)), from(codes.slice(0, 31))).widens).toEqual([])
  })

  test('that are gone let through what came from nations that they never named', () => {
    expect(diff(from(['AUS']), base).widens).toHaveLength(1)
    expect(diff(base, from(['AUS'])).widens).toEqual([])
  })

  test('that tell too much apart count as more', () => {
    const each = from(...codes.slice(0, 9).map((code) => [code]))
    const denied = (count: number) =>
      documentWith({
        rules: [
          row('title', { match: { recipient: { in: ['GBR'] }, field: { in: ['title'] } } }),
          ...codes.slice(0, count).map((code) =>
            row(`not-${code.toLowerCase()}`, {
              effect: 'deny',
              match: { origins: { intersects: [code] } },
            }),
          ),
        ],
      })
    expect(diff(each, each).boundary.complete).toBe(true)
    expect(diff(denied(9), denied(9)).widens).toEqual([
      'there are more sorts of questions than could be asked',
    ])
  })
})

test.each<[what: string, after: PolicyDocument]>([
  ['nothing', base],
  ['the order of rows', documentWith({ rules: [secretDenied, allFive] })],
  [
    'a reason and a ground',
    documentWith({ rules: [row('other', { reasonCode: 'X', authority: 'y' }), secretDenied] }),
  ],
  ['a row twice as two', documentWith({ rules: [allFive, row('again', {}), secretDenied] })],
])('an edition that changes %s changes nothing', (_, after) => {
  const before = after === base ? base : documentWith({ rules: [allFive, secretDenied] })
  const { boundary, widens } = diff(before, after)
  expect(boundary.questions).toBeGreaterThan(5)
  expect([boundary.changes, widens]).toEqual([[], []])
})

test('every difference between any two policies in any question is among the sorts that were asked', () => {
  // More of it in `diff.long.test.ts`.
  const seen = { differences: 0, questions: 0 }
  let round = 0
  do {
    const { differences, questions } = expectEveryDifference(2)
    seen.differences += differences
    seen.questions += questions
  } while (++round < 20 && (seen.differences < 3 || seen.questions <= 10))
  expect(seen.differences).toBeGreaterThan(0)
  expect(seen.questions).toBeGreaterThan(10)
})

describe('over records that are held', () => {
  const norTitle = row('nor-title', {
    match: { recipient: { in: ['NOR'] }, field: { in: ['title', 'rate_max'] } },
  })

  test('counts fields, and names each nation, field and what it was and becomes', () => {
    const after = documentWith({ rules: [allFive, norTitle] })
    const ids = ['1', '2'].map((n) => `urn:entente:${n.repeat(32)}`)
    const { held } = diff(
      base,
      after,
      ids.map((id) => ({ ...record, id })),
    )
    expect(held).toMatchObject({ records: 2, gains: 4, losses: 0 })
    expect(held.changes).toEqual(
      ['rate_max', 'title'].map((field) => ({
        nation: 'NOR',
        kind: 'capability',
        field,
        before: 'nothing',
        after: 'exact',
        records: 2,
        examples: ids,
      })),
    )
  })

  test('a record that loses its identity loses all of it', () => {
    const noTitle = row('no-title', { effect: 'deny', match: { field: { in: ['title'] } } })
    const { held } = diff(base, documentWith({ rules: [allFive, noTitle] }), [record])
    const lost = held.changes.filter(({ nation }) => nation === 'GBR').map(({ field }) => field)
    expect(lost.sort()).toEqual(['lead_time', 'rate_max', 'title'])
  })

  test('what no band fits does not count as going', () => {
    const odd = {
      ...record,
      fields: { ...record.fields, rate_max: { value: 'many', label: open } },
    }
    const bands = row('bands', {
      effect: 'transform',
      match: { recipient: { in: ['GBR'] }, field: { in: ['rate_max'] } },
      transform: { kind: 'band', level: 'coarse' },
    })
    const { held } = diff(base, documentWith({ rules: [allFive, bands] }), [odd, record])
    expect(held.changes).toMatchObject([
      { nation: 'GBR', field: 'rate_max', before: 'exact', after: 'coarse', records: 1 },
      { nation: 'GBR', field: 'rate_max', before: 'exact', after: 'nothing', records: 1 },
    ])
  })

  test('asks each different question once, however many records there are', () => {
    function* many() {
      for (let i = 0; i < 2000; i++)
        yield i % 2 === 0 ? record : labelled('rate_max', { classification: 'SECRET' })
    }
    const { held } = diff(base, documentWith({ rules: [allFive, norTitle] }), many(), null)
    // Four sorts of fields under the policy that tells more apart: the title, two labels of the rate, and what no row names.
    expect([held.records, held.questions]).toEqual([2000, 4 * 3])
  })

  test('agrees with the fragments that both policies compose', () => {
    const seen = { gains: 0, losses: 0 }
    const property = fc.property(
      edition,
      edition,
      fc.array(question, { minLength: 4, maxLength: 4 }),
      (a, b, asked) => {
        const records = asked.map((one) => one.record)
        const { held } = diff(a, b, records, null)
        const wanted = { gains: 0, losses: 0 }
        for (const about of records)
          for (const recipient of ['AUS', 'CAN', 'GBR', 'NOR'] as const) {
            const levels = [a, b].map((policy) =>
              outcomesOf(about, recipient, createDecider(compilePolicy(policy))),
            )
            for (const field of Object.keys(about.fields)) {
              const [was = nothing, now = nothing] = levels.map((each) => each[field])
              const roles = movedRoles(was, now)
              if (was.outcome === now.outcome && roles === undefined) continue
              if (gainOf(was.outcome, now.outcome, roles) > 0) wanted.gains++
              else wanted.losses++
            }
          }
        expect({ gains: held.gains, losses: held.losses }).toEqual(wanted)
        seen.gains += wanted.gains
        seen.losses += wanted.losses
      },
    )
    assertOften(property, { met: () => Math.min(seen.gains, seen.losses), few: 3, numRuns: 25 })
  })
})

/** What a composed fragment gives of each field, and to whom, or would give once officers have approved what waits. */
function outcomesOf(
  about: DataRecord,
  recipient: string,
  by: Decider,
): Record<string, Answered | undefined> {
  const asked = { record: about, recipient, purpose: 'use', atMs: october, sender: 'USA' } as const
  const { fragment, levels, decisions, pending } = composeFragment(asked, by, {
    recordKey: new Uint8Array(32),
  })
  if (fragment === null && pending.length === 0) return {}
  const waits = pending.map(
    ({ subject }) => [subject.field, withApproval(subject.level as Outcome)] as const,
  )
  // All of it waits for its identity.
  const beside = [...decisions].flatMap(([field, decision]) => {
    const level = levelOf(decision)
    const goes = fragment === null && level !== 'redact' && valueAt(about, field, level, by.policy)
    return goes ? [[field, withApproval(level)] as const] : []
  })
  const going: Record<string, Outcome> = {
    ...levels,
    ...Object.fromEntries([...beside, ...waits]),
  }
  return Object.fromEntries(
    Object.entries(going).map(([field, outcome]) => [
      field,
      { outcome, roles: decideApproved({ ...asked, field }, by.policy).roles },
    ]),
  )
}

/** Matches the parts of nested objects that are named. */
function deep(change: object): object {
  return Object.fromEntries(
    Object.entries(change).map(([key, value]) => [
      key,
      typeof value === 'object' && value !== null && !Array.isArray(value)
        ? expect.objectContaining(deep(value))
        : value,
    ]),
  )
}

describe('gains and losses', () => {
  test.each<[before: Outcome, after: Outcome, sign: number]>([
    ['nothing', 'approve coarse', 1],
    ['approve coarse', 'approve exact', 1],
    ['approve exact', 'exact', 1],
    ['approve exact', 'coarse', 1],
    ['coarse', 'approve exact', 1],
    ['fine', 'approve fine', -1],
    ['exact', 'approve coarse', -1],
    ['approve exact', 'nothing', -1],
    ['fine', 'fine', 0],
  ])('from %s to %s', (before, after, sign) => {
    expect(Math.sign(gainOf(before, after))).toBe(sign)
  })
})
