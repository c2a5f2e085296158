import { isDeepStrictEqual } from 'node:util'
import type { ImportSummary, NodeApi } from '@entente/node'
import type { Json } from '@entente/schema'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createFederation, type Federation } from '../support/federation.ts'
import { dollarsOf, keyOf, monthsOf, namesNobody, type Plain, standing } from './plain-makers.ts'
import {
  dataText,
  importReal,
  plainRows,
  present,
  type StandingRow,
  sayIfAbsent,
  standingRows,
} from './real-data.ts'

const file = 'production-us-fy2017/fy2017-manufacturers.csv'
const places: readonly [text: string, place: Json | undefined][] = [
  ['Ontario, CA', { text: 'Ontario, CA', nation: 'USA' }],
  ['Ontario, Canada', { text: 'Ontario, Canada', nation: 'CAN' }],
  ['Burlington, ON', { text: 'Burlington, ON', nation: 'CAN' }],
  ['MONTREAL, CN', { text: 'MONTREAL, CN', nation: 'CAN' }],
  ['Portsmith, UK', { text: 'Portsmith, UK', nation: 'GBR' }],
  ['MIDDLESEX GB', { text: 'MIDDLESEX GB', nation: 'GBR' }],
  ['Leige Belgium', { text: 'Leige Belgium', nation: 'BEL' }],
  ['Tuscon, AZ', { text: 'Tuscon, AZ', nation: 'USA' }],
  ['Londonderry', { text: 'Londonderry' }],
  ['Georgia', { text: 'Georgia' }],
  ['Hawaii / Guam', { text: 'Hawaii / Guam' }],
  ['Various Locations', undefined],
  ['TBS01', undefined],
  ['.', undefined],
]

sayIfAbsent(places.length + 10)

describe.skipIf(!present)('the makers of the real file', () => {
  let federation: Federation
  let api: NodeApi
  let summary: ImportSummary
  let rows: readonly Plain[] = []
  let records: readonly (StandingRow & { readonly row: Plain })[] = []

  beforeAll(async () => {
    federation = createFederation(['USA'])
    api = await federation.open('USA', { network: false })
    summary = await importReal(api, file, 'fy2017-makers')
    rows = plainRows(file)
    records = (await standingRows(api, summary)).map((each) => ({
      ...each,
      row: rows[each.at] ?? {},
    }))
  }, 240_000)
  afterAll(() => federation[Symbol.asyncDispose]())

  /** What the records have, and what the rows say, where they differ. */
  const differing = (
    found: (fields: StandingRow['fields']) => unknown,
    said: (row: Plain) => unknown,
  ) =>
    records
      .map(({ at, fields, row }) => ({ at, found: found(fields), said: said(row) }))
      .filter((each) => !isDeepStrictEqual(each.found, each.said))
      .slice(0, 5)

  test('stand for the rows that were ordered last', () => {
    expect(records.map(({ at }) => at).toSorted()).toEqual([...standing(rows).values()].toSorted())
  })

  test('give way to a later row in sight: each says which row stands and why', async () => {
    const refused = await api.importRows({ id: summary.id, section: 'refused', limit: 1_000 })
    const stands = standing(rows)
    for (const { seq, refusal } of refused) {
      const [, line] =
        /^row (\d+) has the same key with other content/.exec(refusal?.reason ?? '') ?? []
      expect(refusal?.code).toBe('DUPLICATE_KEY')
      expect(keyOf(rows[Number(line) - 2] ?? {})).toBe(keyOf(rows[seq - 1] ?? {}))
      expect(stands.get(keyOf(rows[seq - 1] ?? {}))).not.toBe(seq - 1)
    }
    expect(refused).toHaveLength(134)
  })

  test.each([
    ['rate_msr', 'min_sustaining_rate'],
    ['rate_1_8_5', 'rate_1_8_5'],
    ['rate_max', 'max_production_rate'],
  ])('have %s by month or by year as the row says, and none for 0', (field, column) => {
    const said = (row: Plain) =>
      Number(row[column]) === 0
        ? undefined
        : {
            number: String(Number(row[column])),
            unit: 'each',
            per: row['rate_units'] === 'Monthly' ? 'month' : 'year',
          }
    expect(differing((fields) => fields[field], said)).toEqual([])
    expect(records.filter(({ fields }) => fields[field] !== undefined).length).toBeGreaterThan(850)
  })

  test('have the lead time of a repeat order, else of the first; 0 months is none', () => {
    const total = (fields: StandingRow['fields']) => member(fields['lead_time'], 'total')
    expect(differing(total, (row) => monthsOf(row)?.toString())).toEqual([])
    expect(rows.filter((row) => row['reorder_total_lead_time_months'] === '0')).toHaveLength(849)
  })

  test('have the unit cost in dollars, whatever the unit of the row; 0 is none', () => {
    const amount = (fields: StandingRow['fields']) => member(fields['unit_cost'], 'amount')
    const said = (row: Plain) =>
      dollarsOf(row['last_order_unit_cost'] ?? '', row['unit_cost_units'] ?? '')
    expect(differing(amount, said)).toEqual([])
    expect(new Set(rows.map((row) => row['unit_cost_units'])).size).toBe(3)
  })

  test('have the last order as the row gives it, SS for sole-source that time', () => {
    const said = (row: Plain) => [
      row['contract_method'] || undefined,
      row['last_order_award_date'] || undefined,
      row['last_order_first_delivery'] || undefined,
      namesNobody(row['contracting_office'] ?? '')
        ? undefined
        : row['contracting_office'] || undefined,
    ]
    const members = ['last_contract_method', 'last_order', 'first_delivery', 'office']
    expect(
      differing(({ sourcing }) => members.map((name) => member(sourcing, name)), said),
    ).toEqual([])
    // The office stands last in its line: the file ends its lines with CR and LF.
    expect(dataText(file)).toContain('\r\n')
  })

  test('are nobody where the row names nobody, and spelt as in the row elsewhere', () => {
    const said = ({ manufacturer_name: maker = '' }: Plain) =>
      namesNobody(maker) ? undefined : maker
    expect(differing(({ supplier }) => supplier, said)).toEqual([])
    const named = (name: string) => rows.filter((row) => row['manufacturer_name'] === name).length
    expect([named('TBD'), named('UNKNOWN') + named('Unknown')]).toEqual([392, 253])
  })

  test.each(places)('in %j are where the text itself says', (text, place) => {
    const found = records.filter(({ row }) => row['manufacturer_location'] === text)
    expect(found.length).toBeGreaterThan(0)
    for (const { fields } of found) expect(fields['place']).toEqual(place)
  })

  test('that were bought sole-source from nobody are flagged, and stand', async () => {
    const flagged = await api.importRows({
      id: summary.id,
      section: 'flagged',
      code: 'CONTRADICTION',
      limit: 1_000,
    })
    const said = rows.flatMap((row, at) =>
      row['contract_method'] === 'SS' && namesNobody(row['manufacturer_name'] ?? '')
        ? [at + 1]
        : [],
    )
    expect(flagged.map(({ seq }) => seq)).toEqual(said)
    for (const { record } of flagged) expect(record).not.toBeNull()
  })
})

const member = (value: Json | undefined, name: string): Json | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, Json>>)[name]
    : undefined
