import { digestDisclosure, digestFragment, Fragment, type Json, saltOf } from '@entente/schema'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bandValue } from '../src/bands.ts'
import { composeFragment } from '../src/compose.ts'
import { createDecider } from '../src/decider.ts'
import { compareDecimals, parseDecimal } from '../src/decimal.ts'
import type { Row } from '../src/document.ts'
import { allFive, labelled, open, permitted, policyWith, record, recordWith } from './fixtures.ts'

const secrets = { recordKey: new Uint8Array(32).fill(1) }
const compose = (rules: readonly Row[], change: Partial<typeof permitted> = {}) =>
  composeFragment({ ...permitted, ...change }, createDecider(policyWith({ rules })), secrets)
const bands = policyWith().bands
const nato: Row = {
  id: 'nato-bands',
  effect: 'transform',
  match: { recipient: { in: ['NOR'] }, field: { in: ['rate_max', 'lead_time'] } },
  transform: { kind: 'band', level: 'fine' },
  reasonCode: 'NATO-BANDS',
  authority: 'NATO exercise 3',
}
const titles: Row = {
  ...allFive,
  id: 'titles',
  match: { recipientGroups: { intersects: ['NATO'] }, field: { in: ['title'] } },
}

test('a fragment is the released fields, salted, under the head that they need', () => {
  const made = compose([allFive])
  const fragment = Fragment.parse(made.fragment)
  expect(made.fields).toEqual(['lead_time', 'rate_max', 'title'])
  expect(made.authority).toEqual(Array.from({ length: 3 }, () => 'AUKUS exercise 1'))
  expect(made.digest).toBe(digestFragment(fragment.head))
  expect(fragment.head.sd).toEqual(fragment.disclosures.map((d) => digestDisclosure(d)).sort())
  expect(fragment.disclosures[2]).toEqual([
    saltOf(secrets.recordKey, 'title', 'AN/ASQ-235'),
    'title',
    'AN/ASQ-235',
  ])
  expect(Object.keys(fragment.head).sort()).toEqual([
    'asOf',
    'banner',
    'handling',
    'id',
    'kind',
    'originator',
    'sd',
    'status',
  ])
})

test('NOR gets bands of what GBR gets whole', () => {
  const made = compose([allFive, titles, nato], { recipient: 'NOR' })
  expect(made.levels).toEqual({ lead_time: 'fine', rate_max: 'fine', title: 'exact' })
  expect(made.fragment?.disclosures.map(([, field, value]) => [field, value])).toEqual([
    [
      'lead_time',
      { production: { from: '6', to: '12' }, total: { from: '12', to: '18' }, unit: 'months' },
    ],
    ['rate_max', { number: { from: '10', to: '30' }, unit: 'each', per: 'year' }],
    ['title', 'AN/ASQ-235'],
  ])
})

test('nothing goes of a record whose identity may not go, or not whole', () => {
  const made = compose([allFive], { record: labelled('title', { releasableTo: [] }) })
  expect(made).toMatchObject({
    fragment: null,
    digest: null,
    fields: [],
    levels: {},
    validUntil: null,
  })
  expect(made.decisions.get('rate_max')?.effect).toBe('permit')
  const redacted: Row = { ...nato, match: { recipient: { in: ['GBR'] }, field: { in: ['title'] } } }
  expect(compose([allFive, redacted]).fragment).toBeNull()
})

test('a redacted field leaves no trace', () => {
  const redact: Row = {
    ...nato,
    match: { recipient: { in: ['GBR'] }, field: { in: ['rate_max'] } },
    transform: { kind: 'redact' },
  }
  const made = compose([allFive, redact])
  expect(made.decisions.get('rate_max')?.effect).toBe('transform')
  expect(made.fields).toEqual(['lead_time', 'title'])
  expect(JSON.stringify(made.fragment)).not.toContain('rate_max')
})

test('the banner is of what goes, not of what stays', () => {
  const secret = labelled('owner_contact', { classification: 'SECRET', caveats: ['NOFORN'] })
  expect(compose([allFive], { record: secret }).fragment?.head.banner).toEqual({
    classification: 'UNCLASSIFIED',
    caveats: [],
  })
  const restricted = labelled('rate_max', { classification: 'RESTRICTED', caveats: ['ORCON'] })
  expect(compose([allFive], { record: restricted }).fragment?.head.banner).toEqual({
    classification: 'RESTRICTED',
    caveats: ['ORCON'],
  })
})

test('the banner keeps markings as they were given', () => {
  const marked = labelled('rate_max', {
    classification: 'SECRET',
    caveats: ['ONLY'],
    original: ['ESP:RESERVADO'],
  })
  const none = { 'TOP SECRET': [], CONFIDENTIAL: [], RESTRICTED: [], UNCLASSIFIED: [] }
  const levels = { ...none, SECRET: [{ text: 'RESERVADO' }] }
  const equivalences = [
    { agreement: 'exercise GSA', scheme: 'ESP', from: '2020-01-01', levels },
  ] as const
  const decider = createDecider(policyWith({ equivalences }))
  const made = composeFragment({ ...permitted, record: marked }, decider, secrets)
  expect(made.fragment?.head.banner).toEqual({
    classification: 'SECRET',
    caveats: ['ONLY'],
    original: ['ESP:RESERVADO'],
  })
  expect(Fragment.parse(made.fragment)).toEqual(made.fragment)
})

test('an empty value looks like a withheld one', () => {
  const empty = recordWith({ fields: { ...record.fields, rate_max: { value: null, label: open } } })
  const hidden = labelled('rate_max', { releasableTo: [] })
  expect(compose([allFive], { record: empty }).fragment).toEqual(
    compose([allFive], { record: hidden }).fragment,
  )
})

test('a fragment may be served until the first of its fields may not', () => {
  const until: Row = {
    ...allFive,
    match: { recipient: { in: ['GBR'] }, field: { in: ['rate_max'] }, at: { until: '2027-01-01' } },
  }
  expect(compose([until, titles]).validUntil).toBe(1_798_761_600_000)
})

describe('bands', () => {
  test.each<[value: Json, type: 'rate' | 'months' | 'percent', banded: Json | null]>([
    [
      { number: '0', unit: 'each', per: 'year' },
      'rate',
      { number: { from: '0', to: '10' }, unit: 'each', per: 'year' },
    ],
    [
      { number: '10', unit: 'each', per: 'year' },
      'rate',
      { number: { from: '10', to: '30' }, unit: 'each', per: 'year' },
    ],
    [
      { number: '9.999999999', unit: 'each', per: 'month' },
      'rate',
      { number: { from: '0', to: '10' }, unit: 'each', per: 'month' },
    ],
    [
      { number: '5000', unit: 'each', per: 'year' },
      'rate',
      { number: { from: '1000' }, unit: 'each', per: 'year' },
    ],
    [
      { quantity: '12', unit: 't', period: 'year' },
      'rate',
      { quantity: { from: '10', to: '30' }, unit: 't', period: 'year' },
    ],
    ['12', 'months', { from: '12', to: '18' }],
    [12, 'months', { from: '12', to: '18' }],
    [{ number: '25', unit: 'each', per: 'year', note: 'exactly 25' }, 'rate', null],
    [{ number: 'about 25', unit: 'each', per: 'year' }, 'rate', null],
    [{ number: '-1', unit: 'each', per: 'year' }, 'rate', null],
    [{ number: '25', unit: { exactly: '25' }, per: 'year' }, 'rate', null],
    [{ unit: 'each', per: 'year' }, 'rate', null],
    [['25'], 'rate', null],
    ['twelve', 'months', null],
    [true, 'months', null],
    ['50', 'percent', null],
  ])('%j as %s becomes %j', (value, type, banded) => {
    expect(bandValue(value, type, 'fine', bands)).toEqual(banded)
  })

  test('a band holds its value, and a fine band lies inside its coarse one', () => {
    const digits = fc.tuple(fc.nat(100_000), fc.integer({ min: 0, max: 3 }))
    fc.assert(
      fc.property(digits, ([units, scale]) => {
        const text =
          scale === 0
            ? `${units}`
            : `${units}`.padStart(scale + 1, '0').replace(new RegExp(`(\\d{${scale}})$`), '.$1')
        const fine = bandValue(text, 'rate', 'fine', bands) as { from: string; to?: string }
        const coarse = bandValue(text, 'rate', 'coarse', bands) as { from: string; to?: string }
        expect(below(text, fine.from)).toBe(false)
        expect(below(fine.from, coarse.from)).toBe(false)
        if (fine.to !== undefined) expect(below(text, fine.to)).toBe(true)
        if (coarse.to !== undefined) {
          expect(fine.to).toBeDefined()
          expect(below(coarse.to, fine.to ?? '')).toBe(false)
        }
      }),
    )
  })

  const below = (a: string, b: string) => {
    const [left, right] = [parseDecimal(a), parseDecimal(b)]
    if (left === null || right === null) throw new Error(`${a} or ${b} is no decimal`)
    return compareDecimals(left, right) < 0
  }
})
