import { describe, expect, test, vi } from 'vitest'
import { fileOf, grid, read, refusal, temporaryFolder } from './table-fixture.ts'
import { messagesOf, textRow, workbookOf } from './workbook-fixture.ts'

// Processes start slowly on a busy machine.
vi.setConfig({ testTimeout: 60_000 })

const folder = temporaryFolder()
const styles = `
  <numFmts count="4">
    <numFmt numFmtId="164" formatCode="[$-409]d mmm yyyy;@"/>
    <numFmt numFmtId="165" formatCode="[h]:mm:ss"/>
    <numFmt numFmtId="166" formatCode="0.00&quot; days&quot;"/>
    <numFmt numFmtId="167" formatCode="yyyy-mm-dd hh:mm:ss"/>
  </numFmts>
  <cellStyleXfs><xf numFmtId="14"/></cellStyleXfs>
  <cellXfs>${[0, 14, 164, 165, 166, 167, 21, 9, 8].map((id) => `<xf numFmtId="${id}"/>`).join('')}</cellXfs>
  <dxfs><dxf><numFmt numFmtId="166" formatCode="yyyy"/></dxf></dxfs>`
const strings = `
  <si><t>shared</t></si>
  <si><r><rPr><b/></rPr><t xml:space="preserve">rich </t></r><r><t>text</t></r></si>
  <si><t>東京</t><rPh sb="0" eb="2"><t>トウキョウ</t></rPh><phoneticPr fontId="1"/></si>
  <si><t>a&amp;b_x000D_&#10;c <![CDATA[<d>]]></t></si>
  <si><t/></si>`

const fault = (code: string, message: RegExp) => ({ code, message: expect.stringMatching(message) })
const noResult = fault(
  'FORMULA_WITHOUT_VALUE',
  /^facts\.xlsx, sheet "Facts", cell B\d+ holds a formula without .*; open the workbook in a spreadsheet program and save it$/,
)

/** The XML of a cell, and what it says. */
const facts: readonly (readonly [fact: string, cell: string, value: unknown])[] = [
  ['a shared text', '<c t="s"><v>0</v></c>', 'shared'],
  ['a text in runs', '<c t="s"><v>1</v></c>', 'rich text'],
  ['a text with its reading', '<c t="s"><v>2</v></c>', '東京'],
  ['a text with escapes', '<c t="s"><v>3</v></c>', 'a&b\r\nc <d>'],
  ['an empty text', '<c t="s"><v>4</v></c>', ''],
  ['a text without an index', '<c t="s"><v></v></c>', ''],
  ['a text in the cell', '<c t="inlineStr"><is><t> in it </t></is></c>', ' in it '],
  [
    'runs in the cell',
    '<c t="inlineStr"><is><r><t>one</t></r><r><t>two</t></r><rPh><t>x</t></rPh></is></c>',
    'onetwo',
  ],
  ['an integer', '<c><v>42</v></c>', '42'],
  ['a large integer', '<c><v>9007199254740991</v></c>', '9007199254740991'],
  ['a large integer with an exponent', '<c><v>1.23456789012E+15</v></c>', '1234567890120000'],
  ['a decimal with 17 digits', '<c><v>3.2999999999999998</v></c>', '3.3'],
  ['a percentage', '<c s="7"><v>0.125</v></c>', '12.5 %'],
  ['a percentage that no float is', '<c s="7"><v>7.0000000000000007E-2</v></c>', '7 %'],
  [
    'an integer of more digits than a float has',
    '<c><v>12345678901234567890</v></c>',
    '12345678901234567890',
  ],
  ['an amount of money', '<c s="8"><v>1234.5</v></c>', '1234.5'],
  ['a number with a unit', '<c s="4"><v>2.5</v></c>', '2.5'],
  ['a tiny number', '<c><v>1E-7</v></c>', '1e-7'],
  ['true', '<c t="b"><v>1</v></c>', 'TRUE'],
  ['false', '<c t="b"><v>0</v></c>', 'FALSE'],
  ['a date', '<c s="1"><v>42825</v></c>', '2017-03-31'],
  ['a date in a format of its own', '<c s="2"><v>42825</v></c>', '2017-03-31'],
  ['a date with a time', '<c s="5"><v>42825.604166666664</v></c>', '2017-03-31T14:30:00'],
  ['a time', '<c s="6"><v>0.60416666666666663</v></c>', '14:30:00'],
  ['a duration', '<c s="3"><v>1.5</v></c>', '36:00:00'],
  ['29 February 1900, which never was', '<c s="1"><v>60</v></c>', '60'],
  ['a date before all', '<c s="1"><v>-1</v></c>', '-1'],
  ['a date as text', '<c t="d"><v>2017-03-31T00:00:00</v></c>', '2017-03-31'],
  ['a moment as text', '<c t="d"><v>2017-03-31T14:30:00</v></c>', '2017-03-31T14:30:00'],
  [
    'an error',
    '<c t="e"><v>#REF!</v></c>',
    fault('CELL_ERROR', /^facts\.xlsx, sheet "Facts", cell B\d+ holds the error #REF!; mend/),
  ],
  ['a number by formula', '<c><f>1+1</f><v>2</v></c>', '2'],
  ['a text by formula', '<c t="str"><f>A1</f><v>a_x0041_</v></c>', 'aA'],
  ['an empty text by formula', '<c t="str"><f>IF(A1,"")</f><v></v></c>', ''],
  ['a truth by formula', '<c t="b"><f>TRUE()</f><v>1</v></c>', 'TRUE'],
  ['a date by formula', '<c s="1"><f>TODAY()</f><v>42825</v></c>', '2017-03-31'],
  [
    'an error by formula',
    '<c t="e"><f>1/0</f><v>#DIV/0!</v></c>',
    fault('CELL_ERROR', /holds the error #DIV\/0!/),
  ],
  ['a link by formula', '<c t="str"><f>HYPERLINK("http://x","here")</f><v>here</v></c>', 'here'],
  ['a formula shared, with result', '<c><f t="shared" ref="B1:B9" si="0">A1</f><v>7</v></c>', '7'],
  ['a formula shared, without result', '<c><f t="shared" si="0"/></c>', noResult],
  ['a formula without result', '<c><f>SUM(A1:A9)</f></c>', noResult],
  ['a formula with an empty result', '<c><f>SUM(A1:A9)</f><v/></c>', noResult],
  ['a formula with a blank result', '<c><f>SUM(A1:A9)</f><v>\n </v></c>', noResult],
  ['an array formula, with result', '<c><f t="array" ref="B1:B2">A1:A2</f><v>7</v></c>', '7'],
  ['an array formula of one cell, without result', '<c><f t="array" ref="B1">A1</f></c>', noResult],
  ['a styled cell without text', '<c s="1"/>', ''],
]

describe('a workbook', () => {
  test('says what the spreadsheet program stored in each cell', async () => {
    const rows = facts.map(
      ([fact, cell], i) =>
        `<row r="${i + 2}"><c r="A${i + 2}" t="inlineStr"><is><t>${fact}</t></is></c>${cell}</row>`,
    )
    const bytes = workbookOf({
      sheets: { Facts: textRow(1, 'fact ', 'value') + rows.join('') },
      strings,
      styles,
    })
    const reading = await read(fileOf(folder, bytes, 'facts.xlsx'))
    expect(reading.info).toEqual({
      format: 'xlsx',
      encoding: null,
      encodingGuessed: false,
      delimiter: null,
      sheet: 'Facts',
      otherSheets: [],
      columns: ['fact', 'value'],
    })
    expect(reading.errors).toEqual([])
    expect(reading.rows).toEqual(
      facts.map(([fact, , value], i) => ({ row: i + 2, cells: { fact, value } })),
    )
  })

  test('counts its days from 1904 if it says so', async () => {
    const bytes = workbookOf({
      before: '<workbookPr date1904="1"/>',
      sheets: {
        A:
          textRow(1, 'day') +
          '<row r="2"><c s="1"><v>41363</v></c></row><row r="3"><c s="1"><v>0</v></c></row>',
      },
      styles,
    })
    expect(await messagesOf(bytes)).toMatchObject([
      { sheet: 'A' },
      { row: 1 },
      { cells: [[0, '2017-03-31']] },
      { cells: [[0, '1904-01-01']] },
      { end: true },
    ])
  })

  test('has the sheet that is named, or the first that is not hidden', async () => {
    const one = (name: string) => textRow(1, 'a') + textRow(2, name)
    const source = fileOf(
      folder,
      workbookOf({ sheets: { '-Old': one('old'), Mines: one('mines'), Notes: one('notes') } }),
      'sheets.xlsx',
    )
    const first = await read(source)
    expect(first.info).toMatchObject({ sheet: 'Mines', otherSheets: ['Old', 'Notes'] })
    expect(grid(first)).toEqual([['mines']])
    const named = await read(source, { sheet: 'Old' })
    expect(named.info).toMatchObject({ sheet: 'Old', otherSheets: ['Mines', 'Notes'] })
    expect(grid(named)).toEqual([['old']])
    const error = await refusal(source, { sheet: 'mines' })
    expect(error).toMatchObject({ code: 'SHEET_UNKNOWN' })
    expect(error.message).toBe(
      'sheets.xlsx: there is no sheet "mines"; name one of these with `sheet`: "Old", "Mines", "Notes"',
    )
  })

  test('has rows by their numbers, hidden ones too, without empty ones, whatever its name', async () => {
    const rows = `${textRow(1, 'Mines of 2024')}${textRow(3, 'name', '', 'state')}<row r="4"><c r="A4" s="1"/></row>
      <row r="5" hidden="1"><c r="C5"><v>1</v></c></row><row r="9">${'<c r="A9" t="inlineStr"><is><t>x</t></is></c>'}</row>
      ${textRow(10, 'y', '', '', 'stray')}`
    const source = fileOf(folder, workbookOf({ sheets: { A: rows } }), 'rows.csv')
    const { info, rows: found, errors } = await read(source, { headerRow: 2 })
    expect(info).toMatchObject({ format: 'xlsx', columns: ['name', '#2', 'state'] })
    expect(found).toEqual([
      { row: 5, cells: { name: '', '#2': '', state: '1' } },
      { row: 9, cells: { name: 'x', '#2': '', state: '' } },
    ])
    expect(errors).toEqual([
      {
        row: 10,
        code: 'CSV_COLUMN_COUNT',
        message: expect.stringMatching(/^rows\.csv, sheet "A", row 10: cell 4 is not empty/),
      },
    ])
  })

  test('with an unreadable header or none is refused', async () => {
    for (const [rows, code] of [
      ['<row r="1"><c t="e"><v>#N/A</v></c></row>', 'CELL_ERROR'],
      ['<row r="1"><c><f>A2</f></c></row>', 'FORMULA_WITHOUT_VALUE'],
      ['<row r="1"/>', 'FILE_EMPTY'],
      [textRow(1, 'a', 'b', ' a'), 'DUPLICATE_COLUMN'],
    ] as const) {
      const error = await refusal(
        fileOf(folder, workbookOf({ sheets: { A: rows } }), 'header.xlsx'),
      )
      expect(error).toMatchObject({
        code,
        message: expect.stringMatching(/^header\.xlsx, sheet "A"/),
      })
    }
  })
})
