import type { NodeApi } from '@entente/node'
import type { Json } from '@entente/schema'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createFederation, type Federation } from '../support/federation.ts'
import { abroad, monthsOf, namesNobody, type Plain, standing } from './plain-makers.ts'
import { fieldsOf, importReal, plainRows, present, sayIfAbsent } from './real-data.ts'

sayIfAbsent(3)

/** The definitions stand in examples/public-data/README.md. */
describe.skipIf(!present)('the real makers, asked', () => {
  let federation: Federation
  let api: NodeApi
  let rows: readonly Plain[] = []

  beforeAll(async () => {
    federation = createFederation(['USA'])
    api = await federation.open('USA', { network: false })
    const file = 'production-us-fy2017/fy2017-manufacturers.csv'
    await importReal(api, file, 'fy2017-makers')
    rows = plainRows(file)
  }, 240_000)
  afterAll(() => federation[Symbol.asyncDispose]())

  const named = () => rows.filter(namesMaker)
  const standingNamed = () =>
    [...standing(rows).values()].map((at) => rows[at] ?? {}).filter(namesMaker)

  test('which have a lead time over 18 months and were last bought sole-source, answer as a plain script does', async () => {
    const answer = await api.recordList({
      kind: 'capability',
      where: ['lead_time.total>18', 'sourcing.last_contract_method=SS'],
      limit: 100_000,
    })
    const found = await Promise.all(
      answer.map(async ({ id }) => {
        const { title, supplier = '', lead_time: months } = await fieldsOf(api, id)
        return [title, supplier, member(months, 'total')].join(' | ')
      }),
    )
    const plain = [...standing(rows).values()]
      .map((at) => rows[at] ?? {})
      .filter((row) => Number(monthsOf(row)) > 18 && row['contract_method'] === 'SS')
      .map((row) => {
        const { manufacturer_name: maker = '' } = row
        return [titleOf(row), namesNobody(maker) ? '' : maker, monthsOf(row)].join(' | ')
      })
    process.stdout.write(`lead time over 18 months, last bought sole-source: ${plain.length}\n`)
    expect(found.toSorted()).toEqual(plain.toSorted())
    expect(plain.length).toBeGreaterThan(50)
  })

  test('which line items have one maker, answer as a plain script does', async () => {
    const { rows: answer } = await api.askOneMaker()
    const items = Object.groupBy(
      named(),
      (row) => `${row['service_agency']} ${row['line_item_number']}`,
    )
    const plain = Object.entries(items).flatMap(([item, of = []]) => {
      const makers = new Set(of.map((row) => row['manufacturer_name']))
      return makers.size === 1 ? [`${item}: ${[...makers].join()}`] : []
    })
    process.stdout.write(
      `line items with one maker: ${plain.length} of ${Object.keys(items).length}\n`,
    )
    expect(
      answer.map(({ cells: { agency, item, maker } }) => `${agency} ${item}: ${maker}`).toSorted(),
    ).toEqual(plain.toSorted())
    expect(plain.length).toBeGreaterThan(100)
  })

  test('which are abroad, answer as a plain script does', async () => {
    const { rows: answer } = await api.askMakersAbroad()
    const plain = standingNamed().flatMap((row) => {
      const nation = abroad(row['manufacturer_location'] ?? '')
      return nation === undefined ? [] : [`${nation}: ${row['manufacturer_name']}, ${titleOf(row)}`]
    })
    const found = answer.map(
      ({ title, cells: { nation, maker } }) => `${nation}: ${maker}, ${title}`,
    )
    process.stdout.write(`makers abroad: ${plain.length} records\n`)
    expect(found.toSorted()).toEqual(plain.toSorted())
    expect(plain.length).toBeGreaterThan(20)
  })
})

const namesMaker = ({ manufacturer_name: maker = '' }: Plain) => !namesNobody(maker)

const titleOf = ({ cost_element: element, item_title: item, line_item_title: line }: Plain) =>
  item === 'N/A' ? line : `${element || item} (${line})`

const member = (value: Json | undefined, name: string): Json | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, Json>>)[name]
    : undefined
