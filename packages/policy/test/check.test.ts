import { expect, test } from 'vitest'
import { checkPolicy, type IssueCode } from '../src/check.ts'
import type { PolicyDocument } from '../src/document.ts'
import { allFive, documentWith, open } from './fixtures.ts'

const good = documentWith({
  tests: [
    {
      record: { kind: 'capability', dataset: 'production', label: open },
      field: 'rate_max',
      recipient: 'GBR',
      expect: 'permit',
    },
  ],
})
const to = { recipient: { in: ['GBR'] } }
const row = (change: object) => ({ rules: [{ ...allFive, ...change }] })
const matching = (match: object) => row({ match })
const band = { effect: 'transform', transform: { kind: 'band', level: 'fine' } }
const rate = (
  fine: readonly string[],
  coarse: readonly string[],
): Pick<PolicyDocument, 'bands'> => ({
  bands: {
    rate: {
      levels: [
        { name: 'fine', edges: fine },
        { name: 'coarse', edges: coarse },
      ],
    },
  },
})

test('finds nothing wrong with a good policy', () => {
  expect(checkPolicy(good)).toEqual([])
})

test.each<[fault: string, change: object, code: IssueCode, place: string]>([
  [
    'an unknown attribute',
    matching({ ...to, colour: { in: ['red'] } }),
    'FORM',
    'rules[0] (all-fields).match',
  ],
  [
    'an unknown operator',
    matching({ recipient: { like: 'G*' } }),
    'FORM',
    'rules[0] (all-fields).match.recipient',
  ],
  [
    'an unknown nation',
    matching({ recipient: { in: ['GBX'] } }),
    'FORM',
    'rules[0] (all-fields).match.recipient.in[0]',
  ],
  [
    'an unknown kind',
    matching({ ...to, kind: { in: ['weapon'] } }),
    'FORM',
    'rules[0] (all-fields).match.kind.in[0]',
  ],
  [
    'an unknown caveat',
    matching({ ...to, caveats: { subsetOf: ['NOFRON'] } }),
    'FORM',
    'rules[0] (all-fields).match.caveats.subsetOf[0]',
  ],
  [
    'a date that does not exist',
    matching({ ...to, at: { until: '2026-02-30' } }),
    'FORM',
    'rules[0] (all-fields).match.at.until',
  ],
  [
    'an empty list',
    matching({ recipient: { in: [] } }),
    'FORM',
    'rules[0] (all-fields).match.recipient.in',
  ],
  ['no authority', row({ authority: undefined }), 'FORM', 'rules[0] (all-fields).authority'],
  [
    'a transform row without transform',
    row({ effect: 'transform' }),
    'FORM',
    'rules[0] (all-fields).transform',
  ],
  ['a nation without ceiling level', { ceilings: { GBR: 'HIGH' } }, 'FORM', 'ceilings.GBR'],
  ['an unknown top-level name', { rule: [] }, 'FORM', 'file'],
  ['two rows of one id', { rules: [allFive, allFive] }, 'DUPLICATE_ID', 'rules[1] (all-fields)'],
  [
    'an unknown group',
    matching({ recipientGroups: { intersects: ['QUAD'] } }),
    'UNKNOWN_GROUP',
    'rules[0] (all-fields).match',
  ],
  [
    'an unknown dataset',
    matching({ ...to, dataset: { in: ['sites'] } }),
    'UNKNOWN_DATASET',
    'rules[0] (all-fields).match.dataset',
  ],
  [
    'an unknown field',
    matching({ ...to, field: { in: ['rate_maximum'] } }),
    'UNKNOWN_FIELD',
    'rules[0] (all-fields).match.field',
  ],
  [
    'a field of another kind',
    matching({ ...to, kind: { in: ['gap'] }, field: { in: ['rate_max'] } }),
    'UNKNOWN_FIELD',
    'rules[0] (all-fields).match.field',
  ],
  [
    'an attribute without operator',
    matching({ ...to, kind: {} }),
    'NO_SELECTOR',
    'rules[0] (all-fields).match.kind',
  ],
  [
    'an empty selector',
    row({ effect: 'deny', match: {} }),
    'NO_SELECTOR',
    'rules[0] (all-fields).match',
  ],
  [
    'a permit to all but some',
    matching({ recipient: { notIn: ['NOR'] } }),
    'NO_RECIPIENT',
    'rules[0] (all-fields).match',
  ],
  [
    'a permit by having a caveat',
    matching({ ...to, caveats: { intersects: ['COMMERCIAL'] } }),
    'OPERATOR',
    'rules[0] (all-fields).match.caveats.intersects',
  ],
  [
    'a permit by having a high level',
    matching({ ...to, classification: { atLeast: 'SECRET' } }),
    'OPERATOR',
    'rules[0] (all-fields).match.classification.atLeast',
  ],
  [
    'a denial by lacking a caveat',
    row({ effect: 'deny', match: { caveats: { subsetOf: [] } } }),
    'OPERATOR',
    'rules[0] (all-fields).match.caveats.subsetOf',
  ],
  [
    'a row that ends before it begins',
    matching({ ...to, at: { from: '2026-02-01', until: '2026-02-01' } }),
    'INTERVAL',
    'rules[0] (all-fields).match.at',
  ],
  ['a policy that ends before it begins', { until: '2025-01-01' }, 'INTERVAL', 'until'],
  [
    'a band on a text',
    row({ ...band, match: { ...to, field: { in: ['title'] } } }),
    'NO_BAND',
    'rules[0] (all-fields).match.field',
  ],
  [
    'a band that the policy lacks',
    row({ ...band, match: { ...to, field: { in: ['unit_cost'] } } }),
    'NO_BAND',
    'rules[0] (all-fields).match.field',
  ],
  ['edges out of order', rate(['0', '30', '10'], ['0', '10']), 'BAND_ORDER', 'bands.rate.fine'],
  [
    'bands that intersect',
    rate(['0', '10', '30'], ['0', '20']),
    'BAND_NESTING',
    'bands.rate.coarse',
  ],
  ['one of its tests failing', { rules: [] }, 'TEST', 'tests[0]'],
])('refuses %s', (_, change, code, place) => {
  const issues = checkPolicy({ ...good, ...change })
  expect(issues).toContainEqual({ code, place, message: expect.any(String) })
})

test('refuses other bands than earlier editions had', () => {
  const earlier: PolicyDocument['bands'] = documentWith(rate(['0', '20'], ['0'])).bands
  expect(checkPolicy(good, earlier)).toMatchObject([{ code: 'BAND_CHANGED', place: 'bands.rate' }])
  expect(checkPolicy(good, good.bands)).toEqual([])
})

test('says what a failing test expected and found', () => {
  expect(checkPolicy({ ...good, rules: [] })[0]?.message).toBe(
    'rate_max for GBR: expected permit, found deny (no rule permits it)',
  )
})
