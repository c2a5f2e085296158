import { crc32 } from 'node:zlib'
import { describe, expect, test, vi } from 'vitest'
import { fileOf, refusal, temporaryFolder } from './table-fixture.ts'
import {
  messagesOf,
  pack,
  partsOf,
  sheetXml,
  textRow,
  workbookOf,
  workbookRefusal,
  zipOf,
} from './workbook-fixture.ts'

// Processes start slowly on a busy machine.
vi.setConfig({ testTimeout: 60_000 })

const folder = temporaryFolder()
const small = partsOf({ sheets: { A: textRow(1, 'a') + textRow(2, '1') } })
const withRows = (rows: string) => workbookOf({ sheets: { A: rows } })

describe('a bomb', () => {
  test('that declares gigabytes is refused before it is unpacked', async () => {
    const filling = pack(Buffer.alloc(100_000_000, 'x'))
    const bombs = Array.from({ length: 100 }, (_, i) => [`xl/media/${i}.xml`, filling] as const)
    const bytes = zipOf({ ...small, ...Object.fromEntries(bombs) })
    expect(bytes.length).toBeGreaterThan(9_000_000)
    const error = await refusal(fileOf(folder, bytes, 'bomb.xlsx'))
    expect(error).toMatchObject({
      code: 'FILE_TOO_LARGE',
      message: expect.stringMatching(
        /^bomb\.xlsx: it unpacks to 105 parts of 100000\d+ bytes in all/,
      ),
    })
  })

  test('that packs better than any table is refused', async () => {
    const bytes = zipOf({
      ...small,
      'xl/worksheets/sheet1.xml': pack(Buffer.alloc(70_000_000, ' ')),
    })
    expect(await workbookRefusal(bytes)).toMatchObject({ code: 'FILE_TOO_LARGE' })
  })

  test('that lies about its size is unpacked no further than it says', async () => {
    const lie = { ...pack(Buffer.alloc(10_000_000, ' ')), sizeBytes: 5000 }
    const error = await workbookRefusal(zipOf({ ...small, 'xl/worksheets/sheet1.xml': lie }))
    expect(error).toMatchObject({
      code: 'FILE_TOO_LARGE',
      message: expect.stringContaining('unpacks to more than the 5000 bytes that it declares'),
    })
  })

  test('of entities is not expanded, and none is fetched', async () => {
    const laughs = Array.from(
      { length: 9 },
      (_, i) => `<!ENTITY l${i + 1} "${`&l${i};`.repeat(10)}">`,
    )
    for (const type of [
      `<!ENTITY l0 "lol">${laughs.join('')}`,
      '<!ENTITY l9 SYSTEM "file:///etc/passwd">',
    ])
      for (const use of [textRow(2, '&l9;'), '<row r="2" spans="&l9;"/>']) {
        const sheet = `<!DOCTYPE worksheet [${type}]>${sheetXml(textRow(1, 'a') + use).replace(/^.*\n/, '')}`
        expect(
          await workbookRefusal(zipOf({ ...small, 'xl/worksheets/sheet1.xml': sheet })),
        ).toMatchObject({
          code: 'NOT_A_WORKBOOK',
          message: expect.stringContaining('undefined entity'),
        })
      }
  })

  test('of formulas is never evaluated', async () => {
    const deep = `${'('.repeat(100_000)}1${')'.repeat(100_000)}`
    const rows = `${textRow(1, 'a')}
      <row r="2"><c><f>${deep}</f><v>2</v></c></row>
      <row r="3"><c><f t="shared" ref="A3:XFD1048576" si="0">A2+A2</f><v>3</v></c></row>`
    const million = Array.from(
      { length: 1000 },
      (_, i) => `<row r="${i + 4}">${'<c><f t="shared" si="0"/><v>1</v></c>'.repeat(1000)}</row>`,
    )
    const messages = await messagesOf(withRows(rows + million.join('')))
    expect(messages.slice(2, 4)).toEqual([
      { row: 2, cells: [[0, { number: '2' }]] },
      { row: 3, cells: [[0, { number: '3' }]] },
    ])
    expect(messages.at(-1)).toEqual({ end: true })
    expect(messages).toHaveLength(1 + 3 + 1000 + 1)
  })
})

describe('a workbook is refused as a whole', () => {
  const row = (cells: string) => `${textRow(1, 'a')}<row r="2">${cells}</row>`
  test.each<[fact: string, rows: string, code: string, message: RegExp]>([
    ['a row beyond the last', textRow(1_048_577, 'x'), 'TOO_MANY_ROWS', /more than 1048576 rows/],
    [
      'a column beyond the last',
      row('<c r="XFE2"><v>1</v></c>'),
      'TOO_MANY_COLUMNS',
      /more than 16384/,
    ],
    ['too many cells', row('<c/>'.repeat(16_385)), 'TOO_MANY_COLUMNS', /more than 16384/],
    [
      'an over-long cell',
      textRow(2, 'x'.repeat(32_768)),
      'ROW_TOO_LARGE',
      /cell A2 has more than 32767/,
    ],
    [
      'an over-long row',
      textRow(2, ...Array.from({ length: 33 }, () => 'x'.repeat(32_767))),
      'ROW_TOO_LARGE',
      /row 2 has more than 1048576/,
    ],
    [
      'a formula without end',
      row(`<c><f>${'1+'.repeat(1 << 20)}</f></c>`),
      'ROW_TOO_LARGE',
      /text or formula of more than/,
    ],
    [
      'rows out of order',
      textRow(5, 'x') + textRow(4, 'y'),
      'NOT_A_WORKBOOK',
      /row 4 is out of order/,
    ],
    ['a row twice', textRow(5, 'x') + textRow(5, 'y'), 'NOT_A_WORKBOOK', /row 5 is out of order/],
    ['a row without a number', '<row r="x"/>', 'NOT_A_WORKBOOK', /row x is out of order/],
    [
      'cells out of order',
      row('<c r="B2"/><c r="A2"/>'),
      'NOT_A_WORKBOOK',
      /cell A2 is out of order/,
    ],
    ['a cell twice', row('<c r="B2"/><c r="B2"/>'), 'NOT_A_WORKBOOK', /cell B2 is out of order/],
    ['a cell of another row', row('<c r="A3"/>'), 'NOT_A_WORKBOOK', /cell A3 is not in row 2/],
    ['a cell at no place', row('<c r="2A"/>'), 'NOT_A_WORKBOOK', /cell 2A is not in row 2/],
    [
      'a text that is not there',
      row('<c t="s"><v>7</v></c>'),
      'NOT_A_WORKBOOK',
      /cell A2 has no text 7/,
    ],
    [
      'a text of no number',
      row('<c t="s"><v>-0.5</v></c>'),
      'NOT_A_WORKBOOK',
      /cell A2 has no text/,
    ],
    [
      'a number that is none',
      row('<c><v>0x10</v></c>'),
      'NOT_A_WORKBOOK',
      /cell A2 is not a number/,
    ],
    ['an endless number', row('<c><v>1e999</v></c>'), 'NOT_A_WORKBOOK', /cell A2 is not a number/],
    ['a truth that is none', row('<c t="b"><v>2</v></c>'), 'NOT_A_WORKBOOK', /cell A2 is neither/],
    [
      'a format that is not there',
      row('<c s="7"><v>2</v></c>'),
      'NOT_A_WORKBOOK',
      /cell A2 has no format/,
    ],
    [
      'a cell of no known type',
      row('<c t="z"><v>1</v></c>'),
      'NOT_A_WORKBOOK',
      /cell A2 is of an unknown type z/,
    ],
    [
      'results that were never stored',
      row('<c><f t="array" ref="A2:A9">B2:B9</f></c>'),
      'FORMULA_WITHOUT_VALUE',
      /the cells A2:A9 has no stored result; open/,
    ],
    [
      'tags that do not match',
      '<row r="2"></c></row>',
      'NOT_A_WORKBOOK',
      /damaged \(unmatched close tag/,
    ],
    [
      'a control character',
      textRow(2, '\u0001'),
      'NOT_A_WORKBOOK',
      /damaged \(invalid XML character/,
    ],
    ['tags without end', `<row r="2">${'<x>'.repeat(300)}`, 'NOT_A_WORKBOOK', /damaged \(/],
  ])('for %s', async (_, rows, code, message) => {
    const error = await workbookRefusal(withRows(rows))
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) })
    expect(error?.message).toMatch(/^a\.xlsx: /)
  })

  const whole = zipOf(small)
  const flipped = (at: number) => Buffer.from(whole).fill((whole[at] ?? 0) ^ 1, at, at + 1)
  test.each<[fact: string, bytes: Uint8Array, code: string, message: RegExp]>([
    [
      'another archive',
      zipOf({ 'readme.txt': 'x' }),
      'FORMAT_UNKNOWN',
      /not an \.xlsx workbook; unpack it/,
    ],
    [
      'an OpenDocument sheet',
      zipOf({ mimetype: 'x', 'content.xml': '<a/>' }),
      'FORMAT_UNKNOWN',
      /save it as \.xlsx/,
    ],
    [
      'a binary workbook',
      zipOf({
        ...small,
        '_rels/.rels': String(small['_rels/.rels']).replace('workbook.xml', 'workbook.bin'),
        'xl/workbook.bin': 'x',
      }),
      'FORMAT_UNKNOWN',
      /save it as \.xlsx/,
    ],
    ['a workbook cut off', whole.subarray(0, whole.length - 30), 'NOT_A_WORKBOOK', /damaged/],
    [
      'a part of other content',
      zipOf({
        ...small,
        'xl/worksheets/sheet1.xml': { ...pack(sheetXml('')), sum: crc32('other') },
      }),
      'NOT_A_WORKBOOK',
      /its part .*sheet1\.xml is damaged/,
    ],
    [
      'a part that is not there',
      zipOf(Object.fromEntries(Object.entries(small).filter(([name]) => !name.includes('sheet1')))),
      'NOT_A_WORKBOOK',
      /no part xl\/worksheets\/sheet1\.xml/,
    ],
    [
      'a part twice',
      zipOf({ ...small, 'XL/workbook.xml': '<a/>' }),
      'NOT_A_WORKBOOK',
      /holds "xl\/workbook\.xml" twice/,
    ],
    [
      'an encrypted part',
      zipOf({ ...small, 'xl/worksheets/sheet1.xml': { ...pack(sheetXml('')), flags: 1 } }),
      'NOT_A_WORKBOOK',
      /is encrypted/,
    ],
    [
      'a part packed in another way',
      zipOf({ ...small, 'xl/worksheets/sheet1.xml': { ...pack(sheetXml('')), method: 12 } }),
      'NOT_A_WORKBOOK',
      /packed in a way/,
    ],
    ['a directory somewhere else', flipped(whole.length - 4), 'NOT_A_WORKBOOK', /damaged/],
    [
      'only hidden sheets',
      workbookOf({ sheets: { '-A': '' } }),
      'SHEET_UNKNOWN',
      /no sheet that is not hidden; .* "A"$/,
    ],
  ])('when it is or has %s', async (_, bytes, code, message) => {
    expect(await workbookRefusal(bytes)).toMatchObject({
      code,
      message: expect.stringMatching(message),
    })
  })

  test('when it is not there', async () => {
    const source = fileOf(folder, whole, 'gone.xlsx')
    const gone = { ...source, path: `${source.path}.not` }
    expect(await refusal(gone)).toMatchObject({
      code: 'FILE_UNREADABLE',
      message: expect.stringMatching(/^gone\.xlsx cannot be read: ENOENT/),
    })
  })
})
