import { describe, expect, test, vi } from 'vitest'
import type { RowResult } from '../src/import/row-result.ts'
import { suggestMapping } from '../src/import/suggest/suggest-mapping.ts'
import { mapping, readFrom, testFolder, valuesOf } from './import-fixture.ts'
import { fileOf } from './table-fixture.ts'
import { partsOf, zipOf } from './workbook-fixture.ts'

// Processes start slowly on a busy machine.
vi.setConfig({ testTimeout: 60_000 })

const folder = testFolder()

/** A mapping of the fields that are given, for a file that writes its numbers as `1.234,5`. */
const as = (fields: string, more = '') =>
  `${mapping.slice(0, mapping.indexOf('labels:')).replace('originator: nation', 'originator: NOR').replace('asOf: { column: date, as: date }', 'asOf: { const: "2017-03-31" }')}
numbers: { decimal: ",", group: "." }
${more}
fields:
  title: id
${fields}`

const letters = 'ABCDEFGH'

/** A workbook of rows of XML cells under a header. */
function workbook(header: readonly string[], rows: readonly (readonly string[])[], behind = '') {
  const all = [header.map((name) => text(name)), ...rows]
  const xml = all
    .map((cells, i) => {
      const placed = cells.map((cell, c) => cell.replace('<c', `<c r="${letters[c]}${i + 1}"`))
      return `<row r="${i + 1}">${placed.join('')}</row>`
    })
    .join('')
  const parts = partsOf({
    sheets: { Data: xml },
    styles: `<numFmts><numFmt numFmtId="164" formatCode="0.0&quot; %&quot;"/><numFmt numFmtId="165" formatCode="0.0\\ %;-0.0\\ %"/></numFmts>
      <cellXfs>${[0, 9, 10, 164, 165].map((id) => `<xf numFmtId="${id}"/>`).join('')}</cellXfs>`,
  })
  const path = 'xl/worksheets/sheet1.xml'
  return zipOf({
    ...parts,
    [path]: (parts[path] ?? '').replace('</sheetData>', `</sheetData>${behind}`),
  })
}
const text = (value: string) => `<c t="inlineStr"><is><t>${value}</t></is></c>`
const number = (value: string, style = 0) => `<c s="${style}"><v>${value}</v></c>`

const told = (results: readonly RowResult[]) =>
  results.map((result) => (result.ok ? valuesOf(result) : [result.code, result.column]))

describe('a number of the file itself', () => {
  const amount = as(
    '  unit_cost: { object: { amount: { column: cost, as: decimal }, currency: { const: EUR } } }',
    'checks: [{ sum: [cost], equals: total }]',
  )
  test('is plain in a workbook, whatever the texts of its columns are', async () => {
    const rows = [
      [text('1'), number('2.125'), number('2.125')],
      [text('2'), text('2.125'), text('2.125')],
      [text('3'), text('2.125,5'), number('2125.5')],
      [text('4'), text('2,125.5'), number('2125.5')],
    ]
    const bytes = workbook(['id', 'cost', 'total'], rows)
    const results = await readFrom(folder, bytes, { name: 'numbers.xlsx', as: amount })
    const cost = (amount: string) => ({ unit_cost: { amount, currency: 'EUR' } })
    expect(told(results)).toMatchObject([
      cost('2.125'),
      cost('2125'),
      cost('2125.5'),
      ['BAD_VALUE', 'cost'],
    ])
    expect(results.flatMap((result) => (result.ok ? result.flags : []))).toEqual([])
  })

  test('is plain in JSON, in a list of numbers and texts too', async () => {
    const list = as(
      '  trl: { column: trl, as: integer }\n  materials: { split: parts, separator: ";", as: decimal }',
    )
    const json =
      '[{"id":"1","trl":7.0,"parts":[12.125,"12.125","1,5",1e3]},{"id":"2","trl":"7.0","parts":[]}]'
    const results = await readFrom(folder, json, { name: 'numbers.json', as: list })
    expect(told(results)).toMatchObject([
      { trl: 7, materials: ['12.125', '12125', '1.5', '1000'] },
      ['BAD_VALUE', 'trl'],
    ])
  })

  test('has all its digits', async () => {
    const bytes = workbook(['id', 'note'], [[text('1'), number('12345678901234567890')]])
    const [result] = await readFrom(folder, bytes, {
      name: 'digits.xlsx',
      as: as('  owner_contact: note'),
    })
    expect(valuesOf(result).owner_contact).toBe('12345678901234567890')
  })
})

describe('a percentage of a workbook', () => {
  const header = ['id', 'share']
  const rows = [
    [text('1'), number('0.12', 1)],
    [text('2'), number('0.07', 2)],
    [text('3'), number('12.5', 3)],
    [text('4'), number('0.125', 4)],
    [text('5'), text('12,5 %')],
  ]
  const gap = (how: string) =>
    as(`  import_reliance_pct: { column: share, as: ${how} }`).replace('capability', 'gap')

  test('is as it is shown', async () => {
    const bytes = workbook(header, rows)
    const results = await readFrom(folder, bytes, { name: 'share.xlsx', as: gap('percent') })
    expect(results.map((result) => valuesOf(result).import_reliance_pct)).toEqual([
      '12',
      '7',
      '12.5',
      '12.5',
      '12.5',
    ])
  })

  test('is no decimal number, and the row says so', async () => {
    const bytes = workbook(header, rows.slice(0, 1))
    const [result] = await readFrom(folder, bytes, { name: 'share.xlsx', as: gap('decimal') })
    expect(result).toMatchObject({ ok: false, code: 'BAD_VALUE', column: 'share' })
    expect(result?.ok === false && result.reason).toContain('read it with `as: percent`')
  })
})

describe('a merged cell', () => {
  const header = ['id', 'maker', 'note']
  const rows = ['1', '2', '3', '4'].map((id) => [text(id), text(`maker ${id}`), text('x')])
  const merged = (...ranges: readonly string[]) =>
    `<mergeCells count="${ranges.length}">${ranges.map((ref) => `<mergeCell ref="${ref}"/>`).join('')}</mergeCells>`
  const read = (ranges: readonly string[], fields = '  supplier: maker') =>
    readFrom(folder, workbook(header, rows, merged(...ranges)), {
      name: 'merged.xlsx',
      as: as(fields),
    })

  test('below the first has no value, and its row is refused if the column is read', async () => {
    expect(told(await read(['B3:B4']))).toMatchObject([
      { supplier: 'maker 1' },
      { supplier: 'maker 2' },
      ['MERGED_CELL', 'maker'],
      { supplier: 'maker 4' },
    ])
  })

  test('beside the first has none either', async () => {
    const results = await read(['A2:B2', 'B5:C5'], '  supplier: maker\n  owner_contact: note')
    expect(told(results)).toMatchObject([
      ['MERGED_CELL', 'maker'],
      { supplier: 'maker 2' },
      { supplier: 'maker 3' },
      ['MERGED_CELL', 'note'],
    ])
    expect(results[3]?.ok === false && results[3].reason).toMatch(/"note" .* merged cells B5:C5/)
  })

  test('that is not read, or begins at the header or beside the table, changes nothing', async () => {
    const results = await read(['C2:C5', 'A1:B1', 'D2:H9', 'A4:A4'])
    expect(results.every(({ ok }) => ok)).toBe(true)
    expect((await read(['B1:B3'])).every(({ ok }) => ok)).toBe(true)
  })

  test.each([
    ['no range', ['B3:nowhere'], 'NOT_A_WORKBOOK'],
    ['upside down', ['B4:B3'], 'NOT_A_WORKBOOK'],
    ['over another', ['A3:B4', 'B4:B5'], 'NOT_A_WORKBOOK'],
    [
      'one of too many',
      Array.from({ length: 70_000 }, (_, i) => `E${i + 2}:F${i + 2}`),
      'FILE_TOO_LARGE',
    ],
  ])('that is %s is refused with the whole sheet', async (_, ranges, code) => {
    await expect(read(ranges)).rejects.toMatchObject({ code })
  })
})

test('a suggestion takes percentages of a workbook for what they are', async () => {
  const rows = Array.from({ length: 20 }, (_, i) => [
    text(`Material ${i}`),
    number(String(i / 100), 1),
  ])
  const source = fileOf(folder, workbook(['material', 'import reliance pct'], rows), 'shares.xlsx')
  const suggestion = await suggestMapping(source, {
    name: 'shares',
    nation: 'NOR',
    today: '2026-11-25',
    kind: 'gap',
  })
  expect(suggestion.matches).toContainEqual(
    expect.objectContaining({
      field: 'import_reliance_pct',
      form: expect.objectContaining({ spec: { column: 'import reliance pct', as: 'percent' } }),
    }),
  )
})
