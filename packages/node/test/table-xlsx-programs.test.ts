import { Workbook } from '@cj-tech-master/excelts'
import { describe, expect, test, vi } from 'vitest'
import { fileOf, read, temporaryFolder } from './table-fixture.ts'
import {
  messagesOf,
  pack,
  partsOf,
  relationships,
  sheetXml,
  textRow,
  workbookOf,
  zipOf,
} from './workbook-fixture.ts'

// Processes start slowly on a busy machine.
vi.setConfig({ testTimeout: 60_000 })

const folder = temporaryFolder()

test('a workbook that a library wrote says what was written', async () => {
  const workbook = new Workbook()
  const sheet = workbook.addWorksheet('Data')
  sheet.addRow(['kind', 'value'])
  sheet.addRow(['text', ' <a> & "b"\n_x0041_'])
  sheet.addRow(['runs', { richText: [{ text: 'one ' }, { text: 'two', font: { bold: true } }] }])
  sheet.addRow(['number', -1234.5])
  sheet.addRow(['truth', true])
  sheet.addRow(['day', new Date(Date.UTC(2017, 2, 31))])
  sheet.addRow(['moment', new Date(Date.UTC(2017, 2, 31, 14, 30, 15))])
  sheet.addRow(['link', { text: 'here', hyperlink: 'https://example.org' }])
  sheet.addRow(['error', { error: '#DIV/0!' }])
  sheet.addRow(['formula', { formula: 'B4*2', result: -2469 }])
  sheet.addRow(['text by formula', { formula: 'A1', result: 'kind' }])
  sheet.addRow(['no result', { formula: 'B4*3' }])
  sheet.addRow(['merged', 'x'])
  sheet.mergeCells('B13:B14')
  sheet.getCell('A14').value = 'below'
  sheet.getCell('B7').numFmt = 'yyyy-mm-dd hh:mm:ss'
  const bytes = await workbook.xlsx.writeBuffer()
  const { rows, errors } = await read(fileOf(folder, new Uint8Array(bytes), 'written.xlsx'))
  expect(errors).toEqual([])
  expect(rows.map(({ cells }) => [cells['kind'], cells['value']])).toEqual([
    ['text', ' <a> & "b"\n_x0041_'],
    ['runs', 'one two'],
    ['number', '-1234.5'],
    ['truth', 'TRUE'],
    ['day', '2017-03-31'],
    ['moment', '2017-03-31T14:30:15'],
    ['link', 'here'],
    [
      'error',
      { code: 'CELL_ERROR', message: expect.stringContaining('cell B9 holds the error #DIV/0!') },
    ],
    ['formula', '-2469'],
    ['text by formula', 'kind'],
    ['no result', { code: 'FORMULA_WITHOUT_VALUE', message: expect.stringContaining('cell B12') }],
    ['merged', 'x'],
    ['below', { code: 'MERGED_CELL', message: expect.stringContaining('cells B13:B14') }],
  ])
})

test('a workbook may have 10,000 columns', async () => {
  const names = Array.from({ length: 10_000 }, (_, i) => `c${i}`)
  const workbook = new Workbook()
  workbook.addWorksheet('Wide').addRows([names, names])
  const bytes = await workbook.xlsx.writeBuffer()
  const { info, rows } = await read(fileOf(folder, new Uint8Array(bytes), 'wide.xlsx'))
  expect(info.columns).toEqual(names)
  expect(Object.values(rows[0]?.cells ?? {})).toEqual(names)
})

describe('a workbook by another program', () => {
  const rowsOf = async (bytes: Uint8Array) =>
    (await messagesOf(bytes)).flatMap((message) => ('row' in message ? [message] : []))
  const plain = [
    {
      row: 1,
      cells: [
        [0, 'a'],
        [1, 'b'],
      ],
    },
    {
      row: 2,
      cells: [
        [0, '1'],
        [1, '2'],
      ],
    },
  ]
  const parts = partsOf({ sheets: { A: textRow(1, 'a', 'b') + textRow(2, '1', '2') } })
  const sheet = sheetXml(textRow(1, 'a', 'b') + textRow(2, '1', '2'))

  test.each<[fact: string, change: Record<string, string | Uint8Array>]>([
    [
      'prefixes of its own',
      { 'xl/worksheets/sheet1.xml': sheet.replaceAll(/<(\/?)(?=[a-z])/g, '<$1x:') },
    ],
    [
      'UTF-16',
      {
        'xl/worksheets/sheet1.xml': Buffer.from(
          `\ufeff${sheet.replace('UTF-8', 'UTF-16')}`,
          'utf16le',
        ),
      },
    ],
    [
      'a line end after every tag',
      {
        'xl/worksheets/sheet1.xml': sheet.replaceAll(
          /(<\/(?!t>)[a-z]+>|<(row|c|is)[^>]*>)/gi,
          '$1\n  ',
        ),
      },
    ],
    [
      'absolute paths',
      {
        'xl/_rels/workbook.xml.rels': relationships([
          ['rId1', 'worksheet', '/XL/worksheets/Sheet1.xml'],
        ]),
      },
    ],
    [
      'other names of parts',
      {
        'xl/_rels/workbook.xml.rels': relationships([['rId1', 'worksheet', '../data/table.xml']]),
        'data/table.xml': sheet,
        'xl/worksheets/sheet1.xml': sheetXml(textRow(1, 'wrong')),
      },
    ],
    [
      'the strict edition of the standard',
      {
        'xl/_rels/workbook.xml.rels': relationships([
          ['rId1', 'worksheet', 'worksheets/sheet1.xml'],
        ]).replaceAll(
          'http://schemas.openxmlformats.org/officeDocument/2006',
          'http://purl.oclc.org/ooxml/officeDocument',
        ),
      },
    ],
  ])('with %s is read alike', async (_, change) => {
    expect(await rowsOf(zipOf({ ...parts, ...change }))).toEqual(plain)
  })

  test('may be stored unpacked, or with the long numbers of huge archives', async () => {
    const stored = Object.entries(parts).map(([name, text]) => {
      const packed = Buffer.from(text)
      return [name, { ...pack(text), packed, method: 0 }] as const
    })
    expect(await rowsOf(zipOf(Object.fromEntries(stored)))).toEqual(plain)
    expect(await rowsOf(zipOf(parts, true))).toEqual(plain)
  })

  test('that left the calculation to others has no results', async () => {
    const bytes = workbookOf({
      sheets: { A: `${textRow(1, 'a')}<row r="2"><c><f>1+1</f><v>0</v></c></row>` },
      after: '<calcPr calcId="124519" fullCalcOnLoad="1"/>',
    })
    expect(await rowsOf(bytes)).toMatchObject([
      { row: 1 },
      { row: 2, cells: [[0, { code: 'FORMULA_WITHOUT_VALUE' }]] },
    ])
  })

  test('may hold a chart in front of its table', async () => {
    const bytes = zipOf({
      ...parts,
      'xl/_rels/workbook.xml.rels': relationships([
        ['rId1', 'chartsheet', 'chartsheets/sheet1.xml'],
        ['rId2', 'worksheet', 'worksheets/sheet1.xml'],
      ]),
      'xl/workbook.xml':
        '<workbook xmlns:r="r"><sheets><sheet name="Chart" r:id="rId1"/><sheet name="Table" r:id="rId2"/></sheets></workbook>',
    })
    expect((await messagesOf(bytes))[0]).toEqual({ sheet: 'Table', otherSheets: [] })
  })
})
