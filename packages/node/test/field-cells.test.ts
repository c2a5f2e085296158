import { fieldsOf, type Json, Kind } from '@entente/schema'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { columnNamed, columnsOf } from '../src/export-table/columns.ts'
import { decodeField, encodeField } from '../src/export-table/field-cells.ts'
import { guardText, readGuarded } from '../src/export-table/guard-text.ts'
import { anyJson, nastyText, valuesOfField } from './value-arbitrary.ts'

const cells = (kind: Kind, field: string, value: Json) =>
  Object.fromEntries(encodeField(kind, field, value))
const read = (kind: Kind, field: string, given: Record<string, string>, base?: Json) =>
  decodeField(kind, field, new Map(Object.entries(given)), base)

/** What a spreadsheet program or reader may do to any cell. */
const asRead = (text: string): string => text.trim().replaceAll(/\r\n?/g, '\n')

describe.each(Kind.options)('a %s', (kind) => {
  test.each(Object.keys(fieldsOf(kind)))('has every value of its %s again after cells', (field) => {
    fc.assert(
      fc.property(valuesOfField(kind, field), (value) => {
        const encoded = encodeField(kind, field, value)
        const given = new Map([...encoded].map(([name, text]) => [name, asRead(text)]))
        expect(decodeField(kind, field, given, undefined)).toEqual({ value })
        for (const name of encoded.keys()) expect(columnNamed(kind, name)?.field).toBe(field)
      }),
      { numRuns: 40 },
    )
  })

  test('has any value that a newer version or a partner may give again', () => {
    const fields = [...columnsOf(kind).keys(), 'not_yet_known']
    fc.assert(
      fc.property(
        fc.constantFrom(...fields),
        fc.oneof(anyJson, fc.constant(null)),
        (field, value) => {
          const encoded = encodeField(kind, field, value)
          const given = new Map([...encoded].map(([name, text]) => [name, asRead(text)]))
          expect(decodeField(kind, field, given, undefined)).toEqual({ value })
        },
      ),
      { numRuns: 200 },
    )
  })
})

describe('a planner reads', () => {
  test.each<[kind: Kind, field: string, value: Json, shown: Record<string, string>]>([
    ['capability', 'title', 'AN/ASQ-235', { title: 'AN/ASQ-235' }],
    ['capability', 'trl', 7, { trl: '7' }],
    ['capability', 'materials', ['cobalt', 'nickel'], { materials: 'cobalt; nickel' }],
    ['capability', 'materials', ['a; b', 'c'], { materials: '["a; b","c"]' }],
    [
      'capability',
      'rate_max',
      { number: '25', unit: 'each', per: 'month' },
      { 'rate_max.number': '25', 'rate_max.unit': 'each', 'rate_max.per': 'month' },
    ],
    [
      'capability',
      'rate_max',
      { number: { from: '25', to: '100' }, unit: 'each', per: 'month' },
      { 'rate_max.number': '25..100', 'rate_max.unit': 'each', 'rate_max.per': 'month' },
    ],
    ['item', 'demand_per_year', { from: '1000' }, { demand_per_year: '1000..' }],
    ['facility', 'latitude', '-33.86', { latitude: '-33.86' }],
    ['supplier', 'foci', false, { foci: 'false' }],
    [
      'item',
      'part_numbers',
      [{ pn: '12-3', cage: '0A1B2' }],
      { 'part_numbers:json': '[{"pn":"12-3","cage":"0A1B2"}]' },
    ],
    [
      'programme',
      'allied_capability_assessment',
      { done: true, nodes_asked: ['GBR', 'NOR'] },
      {
        'allied_capability_assessment.done': 'true',
        'allied_capability_assessment.nodes_asked': 'GBR; NOR',
      },
    ],
    ['capability', 'sourcing', {}, { 'sourcing:json': '{}' }],
    ['capability', 'title', 'one\rtwo', { 'title:json': '"one\\rtwo"' }],
    ['capability', 'not_yet_known', 'x', { 'not_yet_known:json': '"x"' }],
  ])('%s %s %j', (kind, field, value, shown) => expect(cells(kind, field, value)).toEqual(shown))
})

describe('an edited cell', () => {
  const rate = { number: '25', unit: 'each', per: 'month' }

  test('that is empty leaves what is there', () => {
    expect(read('capability', 'rate_max', {}, rate)).toEqual({ value: rate })
    expect(read('capability', 'rate_max', { 'rate_max.number': '30' }, rate)).toEqual({
      value: { ...rate, number: '30' },
    })
  })

  test('takes a value out only by (remove)', () => {
    expect(read('capability', 'trl', { trl: '(remove)' }, 7)).toEqual({ value: null })
    expect(
      read('capability', 'place', { 'place.nation': '(remove)' }, { text: 'Oslo', nation: 'NOR' }),
    ).toEqual({ value: { text: 'Oslo' } })
    expect(read('item', 'part_numbers', { 'part_numbers:json': '(remove)' }, [])).toEqual({
      value: null,
    })
    expect(cells('capability', 'title', '(remove)')).toEqual({ title: "'(remove)" })
  })

  test('takes a lead time out although its unit stays', () => {
    const given = { 'lead_time.total': '(remove)', 'lead_time.unit': 'months' }
    expect(read('capability', 'lead_time', given, { total: '18', unit: 'months' })).toEqual({
      value: null,
    })
  })

  test('need not say what can be said in one way only', () => {
    expect(read('capability', 'lead_time', { 'lead_time.total': '18' })).toEqual({
      value: { total: '18', unit: 'months' },
    })
  })

  test('and JSON of the same field contradict each other, unless one is taken out', () => {
    const both = { title: 'a', 'title:json': '"b"' }
    expect(read('capability', 'title', both)).toMatchObject({ column: 'title:json' })
    expect(read('capability', 'title', { ...both, 'title:json': '(remove)' }, 'b')).toEqual({
      value: 'a',
    })
  })
})

describe('no cell begins a formula', () => {
  const begins = /^["'\s]*[=+\-@\uff1d\uff0b\uff0d\uff20]/

  test.each([
    ['=1+1', "'=1+1"],
    ['+47 22 00 00 00', "'+47 22 00 00 00"],
    ['-3', '-3'],
    ['-3.5', '-3.5'],
    ['-3+cmd', "'-3+cmd"],
    ['@x', "'@x"],
    ["'tis", "''tis"],
    ['＝1', "'＝1"],
    ['"=1"', '\'"=1"'],
    ['a;=1', "a;'=1"],
    ['notes:\n- first', "notes:\n'- first"],
    ['a = b - c', 'a = b - c'],
    ['C-130; F-35', 'C-130; F-35'],
  ])('%j is written %j', (text, cell) => {
    expect(guardText(text)).toBe(cell)
    expect(readGuarded(cell)).toBe(text)
  })

  test('whole, or where a program may split it, and every text reads back', () => {
    fc.assert(
      fc.property(nastyText, (text) => {
        const cell = guardText(text)
        expect(readGuarded(cell)).toBe(text)
        if (/^-?\d+(\.\d+)?$/.test(text)) return
        for (const part of [cell, ...cell.split(/[;\t\n]/)])
          expect(begins.test(part) && !part.startsWith("'"), part).toBe(false)
      }),
      { numRuns: 2000 },
    )
  })

  test('nor does a value in its JSON', () => {
    fc.assert(
      fc.property(anyJson, (value) => {
        for (const cell of encodeField('gap', 'not_yet_known', value).values())
          for (const part of cell.split(/[;\t\n]/))
            expect(begins.test(part) && !/^-?\d+$/.test(part), part).toBe(false)
      }),
    )
  })
})
