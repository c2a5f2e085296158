import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stringify } from 'csv-stringify/sync'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type LoneNode, openLoneNode } from './lone-node.ts'
import { importTable, roundTrip } from './round-trip.ts'
import { nastyText } from './value-arbitrary.ts'

describe('any table: import, export, import changes nothing', () => {
  let lone: LoneNode
  let datasets = 0
  beforeAll(async () => {
    lone = await openLoneNode('NOR', 'EXERCISE: a test')
  })
  afterAll(() => lone[Symbol.asyncDispose]())

  const mapping = (dataset: string) => `
mapping: ${dataset}
edition: 1
kind: capability
dataset: ${dataset}
originator: NOR
source: { document: { const: any table }, row: id }
key: [id]
asOf: { const: "2026-01-01" }
dates: M/D/YYYY
numbers: { decimal: ",", group: "." }
missing: [NA]
handling: { originator_control: true, onward_release: ask }
labels: { P: UNCLASSIFIED//REL TO PARTNERS, C: RESTRICTED//COMMERCIAL }
fields:
  title: { firstOf: [name, { template: "row {id}" }] }
  description: text
  supplier: { column: maker, as: party }
  place: { column: place, as: place, home: USA }
  materials: { split: parts, separator: ["|"], as: lower }
  item_refs: { list: [name, text] }
  item_code: { column: nsn, as: nsn }
  line_item: { object: { code: code, title: text }, require: [code] }
  rate_max:
    object: { number: { column: rate, as: decimal }, unit: { const: each }, per: { column: per, values: { M: month, Y: year } } }
    require: [number, per]
  lead_time: { object: { total: { column: rate, as: decimal }, unit: { const: months } }, require: [total] }
  capacity_available_pct: { column: share, as: percent }
  unit_cost:
    object: { amount: { column: rate, as: decimal, shift: 3 }, currency: { const: NOK } }
    require: [amount]
  sourcing: { object: { last_order: { column: day, as: date }, office: text } }
  trl: { column: level, as: integer }
  owner_contact: { when: { per: M }, value: maker }
`
  const cell = <T>(values: fc.Arbitrary<T>) => fc.option(values.map(String), { nil: '', freq: 4 })
  const day = fc.date({
    min: new Date('1990-01-01'),
    max: new Date('2040-01-01'),
    noInvalidDate: true,
  })
  const row = fc.record({
    name: cell(nastyText),
    text: cell(nastyText),
    maker: cell(fc.oneof(nastyText, fc.constantFrom('TBD', 'Kongsberg; Nammo', '=Works'))),
    place: cell(fc.constantFrom('Oslo', 'Toronto, Canada', 'Aberdeen, MD', 'Raufoss, Norway')),
    parts: cell(fc.array(nastyText, { maxLength: 4 }).map((parts) => parts.join('|'))),
    nsn: cell(fc.constantFrom('1377-00-102-9128', '1377001029128', '5845 01 442 1234')),
    code: cell(fc.oneof(nastyText, fc.constantFrom('007', '1E5', '-5', '+5'))),
    rate: cell(fc.constantFrom('0', '1.234,50', '12,0', '15', '-3', 'NA', '99999999999999999')),
    per: cell(fc.constantFrom('M', 'Y')),
    share: cell(fc.constantFrom('>50', '<1', '12,5 %', '100')),
    day: cell(day.map((at) => `${at.getUTCMonth() + 1}/${at.getUTCDate()}/${at.getUTCFullYear()}`)),
    level: cell(fc.integer({ min: 0, max: 10 })),
  })
  const tables = fc.array(row, { minLength: 1, maxLength: 12 })

  /** Both ways in: a NUL or half a character makes a CSV file unreadable, JSON can carry them. */
  const write = {
    csv: (rows: readonly Record<string, string>[]) =>
      stringify([...rows], { header: true, quoted: true })
        .replaceAll('\0', '')
        .toWellFormed(),
    json: (rows: readonly Record<string, string>[]) => JSON.stringify(rows),
  }

  test.each(Object.entries(write))(
    'by %s',
    async (format, text) => {
      let records = 0
      await fc.assert(
        fc.asyncProperty(tables, async (rows) => {
          const dataset = `any-${++datasets}`
          const path = join(lone.base, `${dataset}.${format}`)
          writeFileSync(path, text(rows.map((cells, i) => ({ id: String(i), ...cells }))))
          const created = await importTable(lone.node, path, mapping(dataset))
          if (created === 0) return
          expect(await roundTrip(lone, 'capability', dataset)).toBe(created)
          records += created
        }),
        { numRuns: 10, endOnFailure: true },
      )
      expect(records).toBeGreaterThan(15)
      process.stdout.write(`${records} records of any table by ${format} came back as they were\n`)
    },
    240_000,
  )
})
