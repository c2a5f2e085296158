import { expect, test } from 'vitest'
import type { Row } from '../src/document.ts'
import { explain } from '../src/explain.ts'
import {
  allFive,
  beside,
  consentWith,
  documentWith,
  labelled,
  october,
  open,
  policyWith,
  record,
  suppliedBy,
} from './fixtures.ts'

const nato: Row = {
  id: 'nato-bands',
  effect: 'transform',
  match: { recipient: { in: ['NOR'] }, field: { in: ['rate_max'] } },
  transform: { kind: 'band', level: 'fine' },
  reasonCode: 'NATO-BANDS',
  authority: 'NATO exercise 3',
}
const titles: Row = {
  ...allFive,
  id: 'titles',
  match: { recipientGroups: { intersects: ['NATO'] }, field: { in: ['title'] } },
  authority: 'NATO exercise 3',
}
const policy = beside(policyWith({ rules: [allFive, nato, titles] }), consentWith())
const why = (field: string, recipient = 'NOR', asked = record) =>
  explain({ record: asked, recipient, atMs: october, field }, policy).fields[0]

test('names row, edition, authority and end of what goes', () => {
  expect(why('rate_max')).toEqual({
    field: 'rate_max',
    effect: 'transform',
    level: 'fine',
    gate: 'rules',
    rules: ['nato-bands'],
    because: ['NATO-BANDS'],
    authority: 'NATO exercise 3',
    roles: null,
    validUntil: policy.untilMs,
    words:
      'in fine bands by row nato-bands of USA edition 1, under NATO exercise 3, until 2028-01-01',
    nearest: null,
  })
})

test('names the gate and the fact that keep a field back', () => {
  expect(why('owner_contact')).toMatchObject({
    effect: 'deny',
    gate: 'label',
    because: ['recipient is not named in REL TO'],
    words: 'denied: recipient is not named in REL TO',
    nearest: null,
  })
})

test('names the nearest miss of a field that no row releases', () => {
  expect(why('lead_time')).toMatchObject({
    gate: 'silence',
    nearest: {
      row: 'all-fields',
      failed: [{ attribute: 'recipientGroups', operator: 'intersects', value: '[NATO, PARTNERS]' }],
    },
    words:
      'denied: no row of USA edition 1 permits it; nearest is row all-fields: NOR is a member of NATO and PARTNERS on that day, the row is for members of AUKUS',
  })
})

test('says since when a membership that is missing on the day was held', () => {
  const left = documentWith().groups
  const groups = { ...left, AUKUS: [{ nation: 'GBR', from: '2021-09-15', until: '2026-06-01' }] }
  const asked = { record, recipient: 'GBR', atMs: october, field: 'rate_max' }
  expect(explain(asked, policyWith({ groups })).fields[0]?.words).toContain(
    '(member of AUKUS from 2021-09-15 until 2026-06-01)',
  )
})

test('says that an unmentioned caveat is not released', () => {
  const commercial = suppliedBy(labelled('rate_max', { caveats: ['COMMERCIAL'] }))
  expect(why('rate_max', 'GBR', commercial)?.words).toBe(
    'denied: no row of USA edition 1 permits it; nearest is row all-fields: it is marked COMMERCIAL, which the row does not name',
  )
})

test('sets two nations side by side and names the row that makes the difference', () => {
  const { differences } = explain(
    { record, recipient: 'NOR', compare: 'GBR', atMs: october },
    policy,
  )
  expect(
    differences.map(({ field, recipient, compare, rules }) => ({
      field,
      recipient,
      compare,
      rules,
    })),
  ).toEqual([
    {
      field: 'lead_time',
      recipient: 'redact',
      compare: 'exact',
      rules: { recipient: [], compare: ['all-fields'] },
    },
    {
      field: 'rate_max',
      recipient: 'fine',
      compare: 'exact',
      rules: { recipient: ['nato-bands'], compare: ['all-fields'] },
    },
  ])
})

test('says when nothing goes because the record could not be recognised', () => {
  const nameless = { ...record, fields: { rate_max: { value: '1', label: open } } }
  expect(explain({ record: nameless, recipient: 'GBR', atMs: october }, policy).identified).toBe(
    false,
  )
  expect(explain({ record, recipient: 'GBR', atMs: october }, policy).identified).toBe(true)
})

test('says when a value that may go in bands fits none', () => {
  const odd = { ...record, fields: { ...record.fields, rate_max: { value: 'many', label: open } } }
  expect(why('rate_max', 'NOR', odd)).toMatchObject({
    level: 'redact',
    words: expect.stringMatching(/not sent: the value is empty or no band fits it$/),
  })
})

test.each<[why: string, field: string, asked: typeof record, words: RegExp, change: RegExp]>([
  [
    'no row is for the recipient’s groups',
    'lead_time',
    record,
    /NOR is a member of NATO and PARTNERS on that day, the row is for members of AUKUS$/,
    /^make NOR a member of AUKUS \(row all-fields\); or add a row/,
  ],
  [
    'the release list is empty',
    'owner_contact',
    record,
    /recipient is not named in REL TO/,
    /^have the label name NOR or a group of which it is a member/,
  ],
  [
    'the label is above the ceiling',
    'title',
    labelled('title', { classification: 'SECRET' }),
    /above the ceiling/,
    /^raise ceilings\.NOR to SECRET$/,
  ],
])('says in words what would change it: %s', (_, field, asked, words, change) => {
  const said = why(field, 'NOR', asked)
  expect(said?.words).toMatch(words)
  expect(said?.change).toMatch(change)
})

test('of what goes it says nothing to change', () => {
  expect(why('title')).not.toHaveProperty('change')
})

test.each<[match: Row['match'], words: string]>([
  [{ recipient: { in: ['GBR', 'CAN'] } }, 'the row is for GBR or CAN, not for NOR'],
  [
    { recipient: { in: ['NOR'] }, kind: { in: ['gap'] } },
    'the kind is capability, the row is about gap',
  ],
  [
    { recipient: { in: ['NOR'] }, field: { in: ['title'] } },
    'the row is about title, not about lead_time',
  ],
  [{ recipient: { in: ['NOR'] }, field: { notIn: ['lead_time'] } }, 'the row leaves lead_time out'],
  [
    { recipient: { in: ['NOR'] }, purpose: { in: ['display'] } },
    'it is asked for use, the row is for display',
  ],
  [
    { recipient: { in: ['NOR'] }, confidence: { in: ['A1'] } },
    'the record does not say its confidence, and the row asks for it',
  ],
  [
    { recipient: { in: ['NOR'] }, releasableTo: { intersects: ['GBR'] } },
    'its label is releasable to PARTNERS, the row asks for GBR',
  ],
  [{ recipient: { in: ['NOR'] }, at: { from: '2027-01-01' } }, 'the row begins on 2027-01-01'],
  [{ recipient: { in: ['NOR'] }, at: { until: '2026-09-01' } }, 'the row ended on 2026-09-01'],
  [
    { recipient: { in: ['NOR'] }, agreements: { intersects: ['rates'] } },
    'no agreement covers it, the row asks for rates',
  ],
])('says of a row with %j what it lacks', (match, words) => {
  const one = policyWith({ rules: [{ ...allFive, match }] })
  const asked = { record, recipient: 'NOR', atMs: october, field: 'lead_time' }
  expect(explain(asked, one).fields[0]?.words).toBe(
    `denied: no row of USA edition 1 permits it; nearest is row all-fields: ${words}`,
  )
})
