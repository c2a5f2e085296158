import type { Label } from '@entente/schema'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatIsoDate } from '../src/dates.ts'
import { decide } from '../src/decide.ts'
import { createDecider } from '../src/decider.ts'
import type { PolicyDocument } from '../src/document.ts'
import { failingTests } from '../src/policy-tests.ts'
import type { Question } from '../src/question.ts'
import { assertOften } from './enough.ts'
import { documentWith, labelled, open, permitted, policyWith, record } from './fixtures.ts'
import { describeVectors, labelVector } from './labels/vectors.ts'

type Stay = PolicyDocument['groups'][string][number]

const founders: readonly Stay[] = ['AUS', 'USA'].map((nation) => ({ nation, from: '2021-01-01' }))
/** A policy whose group PARTNERS GBR joins, or is in by `stays`. */
const joined = (...stays: readonly Omit<Stay, 'nation'>[]) =>
  policyWith({
    groups: {
      ...documentWith().groups,
      PARTNERS: [...founders, ...stays.map((stay) => ({ nation: 'GBR', ...stay }))],
    },
  })
const late = 'recipient joined the group after the date of the record: the past needs approval'

/** A record of a date, labelled for PARTNERS. */
function dated(asOf: string, change: Partial<Label> = {}): Question {
  const changed = labelled('rate_max', change)
  return { ...permitted, record: { ...changed, envelope: { ...record.envelope, asOf } } }
}

test('who joined later does not inherit the past, and has what came since', () => {
  const policy = joined({ from: '2026-03-01' })
  expect(decide(dated('2026-02-28'), policy)).toMatchObject({ effect: 'approve', because: [late] })
  expect(decide(dated('2026-03-01'), policy)).toMatchObject({ effect: 'permit' })
})

test.each<[what: string, stays: readonly Omit<Stay, 'nation'>[], asOf: string, effect: string]>([
  ['a founder has what is older than the group', [{ from: '2021-01-01' }], '1999-01-01', 'permit'],
  ['a later member has not', [{ from: '2021-01-02' }], '1999-01-01', 'approve'],
  [
    'a member whom the policy lets inherit has',
    [{ from: '2026-03-01', inherits: true }],
    '1999-01-01',
    'permit',
  ],
  [
    'who left and came back has what is of its first stay',
    [{ from: '2021-01-01', until: '2022-01-01' }, { from: '2026-03-01' }],
    '2021-06-01',
    'permit',
  ],
  [
    'and not what is of the time between',
    [{ from: '2021-01-01', until: '2022-01-01' }, { from: '2026-03-01' }],
    '2023-06-01',
    'approve',
  ],
  ['who has left has nothing', [{ from: '2021-01-01', until: '2022-01-01' }], '2021-06-01', 'deny'],
  [
    'not even what it inherited',
    [{ from: '2021-06-01', until: '2022-01-01', inherits: true }],
    '2021-01-01',
    'deny',
  ],
  ['a date that is none is of the past', [{ from: '2026-03-01' }], '2026-99-99', 'approve'],
])('%s', (_, stays, asOf, effect) => {
  expect(decide(dated(asOf), joined(...stays))).toMatchObject({ effect })
})

test('a name in the label, or another group, is enough', () => {
  const policy = joined({ from: '2026-03-01' })
  for (const releasableTo of [
    ['GBR', 'PARTNERS'],
    ['NATO', 'PARTNERS'],
  ])
    expect(decide(dated('2026-02-01', { releasableTo }), policy)).toMatchObject({
      effect: 'permit',
    })
})

test('ONLY closes the list: no approval opens it to who came later, nor to passing on', () => {
  const policy = joined({ from: '2026-03-01' })
  expect(decide(dated('2026-02-28', { caveats: ['ONLY'] }), policy)).toMatchObject({
    effect: 'deny',
    because: ['ONLY: recipient joined the group after the date of the record'],
  })
  expect(decide(dated('2026-03-01', { caveats: ['ONLY'] }), policy)).toMatchObject({
    effect: 'permit',
  })
  expect(
    decide({ ...dated('2026-03-01', { caveats: ['ONLY'] }), purpose: 'retransfer' }, policy)
      .because,
  ).toContain('ONLY: nothing may be passed on')
})

test('a policy’s own tests are of the day they ask about, or of the day they name', () => {
  const question = {
    field: 'rate_max',
    recipient: 'GBR',
    at: '2026-10-01',
    expect: 'permit' as const,
  }
  const about = { kind: 'capability' as const, dataset: 'production', label: open }
  const { groups } = joined({ from: '2026-03-01' }).document
  const failing = (asOf?: string) =>
    failingTests(
      documentWith({
        groups,
        tests: [{ ...question, record: { ...about, ...(asOf && { asOf }) } }],
      }),
    )
  expect(failing()).toEqual([])
  expect(failing('2026-02-01')).toMatchObject([
    { index: 0, message: expect.stringContaining(late) },
  ])
})

describe('of any membership and any date', () => {
  const day = fc
    .integer({ min: 18_600, max: 21_000 })
    .map((days) => formatIsoDate(days * 86_400_000))
  const stay = fc.tuple(day, day, fc.boolean()).map(([a, b, inherits]) => ({
    from: a,
    ...(a < b && { until: b }),
    ...(inherits && { inherits: true as const }),
  }))
  const any = fc.record({ stays: fc.array(stay, { maxLength: 3 }), asOf: day, at: day })
  const asked = (asOf: string, at: string): Question => ({
    ...dated(asOf),
    atMs: Date.parse(`${at}T00:00:00Z`),
  })
  const order = ['permit', 'approve', 'deny']
  const strength = (effect: string) => order.indexOf(effect)

  test('nobody has by a group what is of a day when it was no member, unless the policy says so', () => {
    let permitted = 0
    assertOften(
      fc.property(any, ({ stays, asOf, at }) => {
        const { effect } = decide(asked(asOf, at), joined(...stays))
        if (effect !== 'permit') return
        permitted++
        const covers = (when: string) =>
          stays.filter(({ from, until }) => from <= when && (until === undefined || when < until))
        const first = ['2021-01-01', ...stays.map(({ from }) => from)].sort()[0] ?? ''
        expect(covers(at).length).toBeGreaterThan(0)
        if (!covers(at).some(({ inherits }) => inherits === true))
          expect(covers([asOf, first].sort()[1] ?? '').length).toBeGreaterThan(0)
      }),
      { met: () => permitted, few: 20, numRuns: 400 },
    )
  })

  test('taking `inherits` away, or a stay, never gains access; the memory answers as without', () => {
    fc.assert(
      fc.property(any, ({ stays, asOf, at }) => {
        const question = asked(asOf, at)
        const policy = joined(...stays)
        const before = strength(decide(question, policy).effect)
        const plain = stays.map(({ inherits: _, ...rest }) => rest)
        expect(strength(decide(question, joined(...plain)).effect)).toBeGreaterThanOrEqual(before)
        const decider = createDecider(policy)
        for (const other of [asOf, '2021-01-01', at, '2026-99-99', asOf])
          expect(decider.decide(asked(other, at))).toEqual(decide(asked(other, at), policy))
      }),
      { numRuns: 150 },
    )
  })
})

describeVectors('odni-ism tetragraphs', 1, (ran) => {
  test('NATO of the dated taxonomy does not bring Finland and Sweden what is older than they', () => {
    const xml = labelVector('odni-ism/TetragraphTaxonomyDenormalized.xml')
    const [, nato = ''] =
      /<TetraToken[^>]*>NATO<\/TetraToken>[\s\S]*?<Membership([\s\S]*?)<\/Membership>/.exec(xml) ??
      []
    expect(nato).toContain('dateLastVerified="2022-11-02"')
    const members = [...nato.matchAll(/<Country>([A-Z]{3})<\/Country>/g)].map(
      ([, code = '']) => code,
    )
    expect(members).toHaveLength(30)
    const policy = policyWith({
      groups: {
        NATO: [
          ...members.map((nation) => ({ nation, from: '2022-11-02' })),
          { nation: 'FIN', from: '2023-04-04' },
          { nation: 'SWE', from: '2024-03-07' },
        ],
      },
      ceilings: Object.fromEntries([...members, 'FIN', 'SWE'].map((nation) => [nation, 'SECRET'])),
      rules: [
        {
          id: 'nato',
          effect: 'permit',
          match: { recipientGroups: { intersects: ['NATO'] } },
          reasonCode: 'NATO',
          authority: 'exercise',
        },
      ],
    })
    const effects = (asOf: string) =>
      Map.groupBy(
        [...members, 'FIN', 'SWE'],
        (recipient) =>
          decide({ ...dated(asOf, { releasableTo: ['NATO'] }), recipient }, policy).effect,
      )
    expect(effects('2022-11-02')).toEqual(
      new Map([
        ['permit', members],
        ['approve', ['FIN', 'SWE']],
      ]),
    )
    expect(effects('2023-12-31').get('approve')).toEqual(['SWE'])
    expect(effects('2024-03-07').get('approve')).toBe(undefined)
    ran()
  })
})
