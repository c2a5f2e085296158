import type { Envelope } from '@entente/schema'
import { expect, test } from 'vitest'
import { compilePolicy, withRegister } from '../src/compile.ts'
import { decide } from '../src/decide.ts'
import { explain } from '../src/explain.ts'
import type { Question } from '../src/question.ts'
import { checkRegister } from '../src/register/check.ts'
import { compileRegister } from '../src/register/compile.ts'
import type { Agreement, RegisterDocument } from '../src/register/document.ts'
import { documentWith, october, permitted, policyWith, record, recordWith } from './fixtures.ts'

const day = 86_400_000
const blanket: Agreement = {
  id: 'sensor-taa',
  title: 'Exercise TAA for sensors',
  type: 'blanket',
  parties: [{ nation: 'GBR' }, { nation: 'AUS', from: '2026-11-01' }],
  items: [{ regime: 'ITAR', codes: ['XI', 'IV(h)'] }],
  uses: ['use'],
  ceiling: 'RESTRICTED',
  effective: '2026-01-01',
  expires: '2026-12-01',
}
const registerWith = (change: Partial<Agreement> = {}): RegisterDocument => ({
  nation: 'USA',
  edition: 1,
  from: '2026-01-01',
  until: '2028-01-01',
  agreements: [{ ...blanket, ...change }],
})
const tagged = (...jurisdiction: NonNullable<Envelope['jurisdiction']>): Question => ({
  ...permitted,
  record: recordWith({ envelope: { ...record.envelope, jurisdiction } }),
})
const sensor = tagged({ regime: 'ITAR', code: 'XI(c)(4)' })
const decideUnder = (asked: Question, change: Partial<Agreement> = {}) =>
  decide(asked, withRegister(policyWith(), compileRegister(registerWith(change))))

test('a tagged record goes under an agreement that covers it, and as long as that holds', () => {
  const decision = decideUnder(sensor)
  expect(decision.effect).toBe('permit')
  expect(decision.validUntil).toBe(Date.UTC(2026, 11, 1))
})

test('without a register a tagged record goes to nobody', () => {
  expect(decide(sensor, policyWith())).toMatchObject({
    effect: 'deny',
    because: ['no agreement in force covers the tagged items of the record'],
  })
})

test.each<[string, Question, Partial<Agreement>, string]>([
  ['has not begun', sensor, { effective: '2026-11-01' }, 'it begins on 2026-11-01'],
  ['has ended', { ...sensor, atMs: Date.UTC(2026, 11, 1) }, {}, 'it ended on 2026-12-01'],
  ['was revoked', sensor, { revoked: '2026-09-30' }, 'it was revoked on 2026-09-30'],
  ['does not name the recipient', sensor, { parties: [{ nation: 'AUS' }] }, 'GBR is not a party'],
  ['names it from later on', { ...sensor, recipient: 'AUS' }, {}, 'not a party to it on that day'],
  ['ends at a border', sensor, { territory: ['AUS'] }, 'GBR is not in its territory'],
  ['is for another use', sensor, { uses: ['display'] }, 'does not allow the purpose use'],
  ['speaks of other kinds', sensor, { kinds: ['item'] }, 'capability records'],
  ['speaks of other datasets', sensor, { datasets: ['needs'] }, 'the dataset production'],
  ['speaks of other fields', sensor, { fields: ['title'] }, 'the field rate_max'],
  ['names other items', sensor, { items: [{ regime: 'ITAR', codes: ['X'] }] }, 'ITAR XI(c)(4)'],
  ['names another regime', sensor, { items: [{ regime: 'EAR' }] }, 'ITAR XI(c)(4)'],
  ['names no items', sensor, { items: undefined }, 'ITAR XI(c)(4)'],
  ['names items by codes, the record none', tagged({ regime: 'ITAR' }), {}, 'without a code'],
  [
    'covers one of two items',
    tagged({ regime: 'ITAR', code: 'XI' }, { regime: 'EAR', code: '6A003' }),
    {},
    'EAR 6A003',
  ],
  [
    'has a value limit and the item no value',
    sensor,
    { value: { atMost: '10', currency: 'USD' } },
    'no value up to 10 USD',
  ],
])('an agreement covers nothing that it %s', (_, asked, change, words) => {
  expect(decideUnder(asked, change).effect).toBe('deny')
  const policy = withRegister(policyWith(), compileRegister(registerWith(change)))
  const why = explain({ ...asked, field: 'rate_max' }, policy).fields[0]
  expect(why?.gate).toBe('legal')
  expect(why?.words).toContain('sensor-taa')
  expect(why?.words).toContain(words)
})

test.each([
  ['XI', 'XI', true],
  ['XI(c)', 'XI', true],
  ['XII', 'XI', false],
  ['IV(h)(1)', 'IV(h)', true],
  ['IV(i)', 'IV(h)', false],
  ['6A003.b', '6A003', true],
  ['6A0031', '6A003', false],
])('the code %s under the pattern %s: %s', (code, pattern, covered) => {
  const items = [{ regime: 'ITAR' as const, codes: [pattern] }]
  const { effect } = decideUnder(tagged({ regime: 'ITAR', code }), { items })
  expect(effect).toBe(covered ? 'permit' : 'deny')
})

test.each([
  [{ amount: '10', currency: 'USD' }, 'permit'],
  [{ amount: '10.01', currency: 'USD' }, 'deny'],
  [{ amount: '1', currency: 'GBP' }, 'deny'],
])('an item worth %j under a limit of 10 USD: %s', (value, effect) => {
  const asked = tagged({ regime: 'ITAR', code: 'XI', value })
  const limit = { value: { atMost: '10', currency: 'USD' } }
  expect(decideUnder(asked, limit).effect).toBe(effect)
})

test('a row may release by agreement: adding a party enables exactly what it covers', () => {
  const rows = documentWith({
    rules: [
      {
        id: 'by-agreement',
        effect: 'permit',
        match: { agreements: { intersects: ['sensor-taa'] } },
        reasonCode: 'TAA',
        authority: 'Exercise TAA',
      },
    ],
    ceilings: { AUS: 'SECRET', GBR: 'SECRET', NOR: 'SECRET' },
  })
  const effects = (parties: Agreement['parties']) => {
    const given = compileRegister(registerWith({ parties, fields: ['rate_max'] }))
    const policy = withRegister(compilePolicy(rows), given)
    return Object.fromEntries(
      ['AUS', 'GBR', 'NOR'].flatMap((recipient) =>
        ['rate_max', 'lead_time'].map((field) => [
          `${recipient} ${field}`,
          decide({ ...permitted, recipient, field }, policy).effect,
        ]),
      ),
    )
  }
  const before = effects([{ nation: 'GBR' }])
  expect(before).toEqual({
    'AUS rate_max': 'deny',
    'AUS lead_time': 'deny',
    'GBR rate_max': 'permit',
    'GBR lead_time': 'deny',
    'NOR rate_max': 'deny',
    'NOR lead_time': 'deny',
  })
  expect(effects([{ nation: 'GBR' }, { nation: 'NOR' }])).toEqual({
    ...before,
    'NOR rate_max': 'permit',
  })
})

test('the day that an agreement, a party or the register ends is a day on which decisions end', () => {
  expect(decideUnder({ ...sensor, recipient: 'AUS', atMs: october + 40 * day })).toMatchObject({
    effect: 'permit',
    validUntil: Date.UTC(2026, 11, 1),
  })
  expect(decideUnder(sensor, { revoked: '2026-11-15T12:30:00Z' }).validUntil).toBe(
    Date.UTC(2026, 10, 15, 12, 30),
  )
  const parties = [{ nation: 'GBR', until: '2026-10-20' }]
  expect(decideUnder(sensor, { parties }).validUntil).toBe(Date.UTC(2026, 9, 20))
  const ending = { ...registerWith({ expires: '2027-12-01' }), until: '2026-10-10' }
  expect(decide(sensor, withRegister(policyWith(), compileRegister(ending))).validUntil).toBe(
    Date.UTC(2026, 9, 10),
  )
})

test.each<[string, object, string, string]>([
  ['an unknown nation', { parties: [{ nation: 'XXX' }] }, 'FORM', 'parties[0].nation'],
  ['an unknown type', { type: 'handshake' }, 'FORM', 'type'],
  ['an unknown use', { uses: ['sell'] }, 'FORM', 'uses[0]'],
  ['no party', { parties: [] }, 'FORM', 'parties'],
  ['an unknown member', { ceilng: 'SECRET' }, 'FORM', ''],
  ['a date that is none', { expires: '2026-02-30' }, 'FORM', 'expires'],
  ['an end before its beginning', { expires: '2025-01-01' }, 'INTERVAL', 'expires'],
  [
    'a party that leaves before it comes',
    { parties: [{ nation: 'GBR', from: '2026-02-01', until: '2026-01-01' }] },
    'INTERVAL',
    'parties[0] (GBR)',
  ],
])('a register with %s is refused with the place', (_, change, code, where) => {
  const input = { ...registerWith(), agreements: [{ ...blanket, ...change }] }
  const place = `agreements[0] (sensor-taa)${where === '' ? '' : `.${where}`}`
  expect(checkRegister(input)).toContainEqual({ code, place, message: expect.any(String) })
})

test('a register with one id twice is refused', () => {
  const input = { ...registerWith(), agreements: [blanket, blanket] }
  expect(checkRegister(input)).toEqual([
    { code: 'DUPLICATE_ID', place: 'agreements[1] (sensor-taa)', message: expect.any(String) },
  ])
})
