import type { Json } from '@entente/schema'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { stands } from '../src/select/compare-value.ts'
import type { SelectionScope } from '../src/select/find-place.ts'
import { parseSelection } from '../src/select/parse-selection.ts'
import { matches, recordFacts, type SelectableRow } from '../src/select/selection.ts'
import { SelectionError } from '../src/select/selection-error.ts'

const row = (fields: Readonly<Record<string, Json>>): SelectableRow => ({
  id: `urn:entente:${'a'.repeat(32)}`,
  kind: 'capability',
  dataset: 'production',
  originator: 'CAN',
  title: 'MK-58 marker',
  status: 'active',
  asOf: '2026-05-01',
  reviewBy: '2026-11-01',
  fields: Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, { value }])),
})

const marker = row({
  title: 'MK-58 marker',
  item_code: '0042',
  materials: ['cobalt', 'Nickel alloy'],
  lead_time: { total: '18', unit: 'months' },
  rate_max: { number: { from: '25', to: '100' }, unit: 'each', per: 'month' },
  sourcing: { last_contract_method: 'SS', last_order: '2017-03' },
  capacity_available_pct: '>50',
  trl: 7,
  ext: { 'nor.depot-code': 'K7' },
  price_index: '12.50',
})

const scope: SelectionScope = { newer: (field) => field === 'price_index' }
const holds = (...texts: string[]) => matches(parseSelection(texts, scope), marker)

describe('a condition holds', () => {
  test.each([
    ['title'],
    ['lead_time.total'],
    ['!mrl'],
    ['!lead_time.admin'],
    ['trl=7'],
    ['trl=7.0'],
    ['trl != 6'],
    ['trl>=7'],
    ['trl<7.1'],
    ['item_code=0042'],
    ['item_code!=42'],
    ['lead_time.total>17.99'],
    ['lead_time.total<=18'],
    ['materials=cobalt'],
    ['materials~NICKEL'],
    ['materials!=iron'],
    ['sourcing.last_contract_method=SS'],
    ['sourcing~ss'],
    ['sourcing.last_order=2017'],
    ['sourcing.last_order<2017-04'],
    ['sourcing.last_order>2016-12-31'],
    ['sourcing.last_order<=2017'],
    ['capacity_available_pct>50'],
    ['capacity_available_pct>=10'],
    ['capacity_available_pct!=50'],
    ['rate_max.number>=25'],
    ['rate_max.number<100'],
    ['rate_max.number!=100'],
    ['ext.nor.depot-code=K7'],
    ['price_index=12.5'],
    ['originator=CAN'],
    ['asOf>=2026'],
    ['reviewBy<2027'],
    ['kind=capability'],
    ['field:title~58'],
  ])('%s', (text) => expect(holds(text)).toBe(true))
})

describe('a condition does not hold', () => {
  test.each([
    ['!title'],
    ['mrl'],
    ['trl<7'],
    ['materials=Cobalt'],
    ['materials!=cobalt'],
    // Not settled: it may be 60 or 90, March or May, 30 or 90.
    ['capacity_available_pct>60'],
    ['capacity_available_pct<=90'],
    ['capacity_available_pct=60'],
    ['sourcing.last_order=2017-03-31'],
    ['sourcing.last_order>2017'],
    ['rate_max.number>50'],
    ['rate_max.number=25'],
    // Not given.
    ['mrl=1'],
    ['mrl!=1'],
    ['mrl<9'],
    ['mrl~1'],
    ['ext.nor.other'],
  ])('%s', (text) => expect(holds(text)).toBe(false))
})

test('a record is meant only when every condition holds; without conditions every record is', () => {
  expect(holds('trl=7', 'originator=CAN')).toBe(true)
  expect(holds('trl=7', 'originator=GBR')).toBe(false)
  expect(holds()).toBe(true)
})

describe('what is no condition is refused where it goes wrong', () => {
  const refusal = (text: string, of: SelectionScope = scope) => {
    try {
      parseSelection([text], of)
    } catch (error) {
      if (error instanceof SelectionError) return `${error.code} ${error.message}`
    }
    return 'taken'
  }

  test.each<[text: string, says: string]>([
    ['', 'SELECTION_FORM "", at character 1: here the name of a field must stand'],
    ['>5', 'at character 1: here'],
    ['trl>', 'at character 5: a value must follow >'],
    ['trl=', 'write FIELD or !FIELD'],
    ['trl=>5', 'at character 5: write >= in place of =>'],
    ['trl==5', 'write = in place of =='],
    ['trl:5', 'at character 4: trl cannot be followed by ":"'],
    ['!trl=5', '! in front asks that the field is not given'],
    ['title>3', 'title is text'],
    ['supplier<2026', 'supplier is text'],
    ['trl>high', '> compares numbers, and dates'],
    ['sourcing.last_order>31/03/2017', 'dates as YYYY'],
    [
      'lead_time>18',
      'lead_time has several values: name one of lead_time.admin, lead_time.production, lead_time.total',
    ],
    [
      'materias=cobalt',
      'SELECTION_FIELD no kind of record has a field materias; did you mean materials',
    ],
    ['lead-time=3', 'did you mean lead_time'],
    ['lead_time.totl>3', 'did you mean lead_time.total'],
    ['as_of>2026', 'did you mean asOf'],
    ['supplier.name=BAE', 'no kind of record has a field supplier.name'],
    ['field:kind=gap', 'SELECTION_FIELD'],
  ])('%s', (text, says) => {
    expect(refusal(text)).toMatch(/^SELECTION_/)
    expect(refusal(text)).toContain(says)
  })

  test('a field of another kind is unknown when a kind is named', () => {
    expect(refusal('severity>3')).toBe('taken')
    expect(refusal('severity>3', { kind: 'capability' })).toContain(
      'a capability has no field severity',
    )
  })
})

const decimal = fc
  .tuple(fc.bigInt({ min: -(10n ** 25n), max: 10n ** 25n }), fc.integer({ min: 0, max: 12 }))
  .map(([units, scale]) => {
    const digits = String(units < 0n ? -units : units).padStart(scale + 1, '0')
    const whole = digits.slice(0, digits.length - scale)
    return `${units < 0n ? '-' : ''}${whole}${scale === 0 ? '' : `.${digits.slice(-scale)}`}`
  })
const month = fc
  .tuple(fc.integer({ min: 1990, max: 2030 }), fc.integer({ min: 1, max: 12 }))
  .map(([y, m]) => `${y}-${String(m).padStart(2, '0')}`)
const date = fc.oneof(
  month,
  month.map((text) => text.slice(0, 4)),
  fc
    .tuple(month, fc.integer({ min: 1, max: 28 }))
    .map(([m, d]) => `${m}-${String(d).padStart(2, '0')}`),
)
const bound = fc
  .tuple(fc.constantFrom('>', '<', ''), fc.integer({ min: 0, max: 100 }))
  .map(([b, n]) => b + n)

describe('for any two values', () => {
  const pairs = fc.oneof(
    fc.tuple(decimal, decimal),
    fc.tuple(date, date),
    fc.tuple(
      bound,
      bound.map((t) => t.replace(/[<>]/, '')),
    ),
  )

  test('at most one of <, =, > is settled; <= and >= hold where < and > or = do', () => {
    fc.assert(
      fc.property(pairs, ([value, asked]) => {
        const is = (relation: Parameters<typeof stands>[1]) => stands(value, relation, asked)
        expect([is('<'), is('='), is('>')].filter(Boolean).length).toBeLessThanOrEqual(1)
        if (is('<') || is('=')) expect(is('<=')).toBe(true)
        if (is('>') || is('=')) expect(is('>=')).toBe(true)
        expect(is('!=')).toBe(is('<') || is('>'))
      }),
    )
  })

  test('two plain decimals are settled, and as integers of one scale are', () => {
    fc.assert(
      fc.property(fc.bigInt(), fc.bigInt(), fc.integer({ min: 0, max: 6 }), (a, b, zeros) => {
        const [x, y] = [a % 10n ** 20n, b % 10n ** 20n]
        const text = zeros === 0 ? String(x) : `${x}.${'0'.repeat(zeros)}`
        expect(stands(text, '<', String(y))).toBe(x < y)
        expect(stands(text, '=', String(y))).toBe(x === y)
        expect(stands(text, '>=', String(y))).toBe(x >= y)
      }),
    )
  })
})

test('no text makes the parser do anything but parse or refuse with a code', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(...recordFacts, 'trl', 'ext', ''),
      (text, start) => {
        try {
          expect(matches(parseSelection([start + text]), marker)).toBeTypeOf('boolean')
        } catch (error) {
          expect(error).toBeInstanceOf(SelectionError)
        }
      },
    ),
  )
})
