import { stringify } from 'csv-stringify/sync'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { openTable } from '../src/import/table/open-table.ts'
import { fileSource } from '../src/import/table/table.ts'
import { grid, read, refusal, sourceOf } from './table-fixture.ts'

const csv = (text: string, options = {}) => read(sourceOf(text), options)

describe('a CSV table', () => {
  test('gives each row by its line and each cell by its column', async () => {
    const { info, rows, errors } = await csv('id,name\n1,Cobalt\n2,Nickel\n')
    expect(info).toEqual({
      format: 'csv',
      encoding: 'utf-8',
      encodingGuessed: false,
      delimiter: ',',
      sheet: null,
      otherSheets: [],
      columns: ['id', 'name'],
    })
    expect(rows).toEqual([
      { row: 2, cells: { id: '1', name: 'Cobalt' } },
      { row: 3, cells: { id: '2', name: 'Nickel' } },
    ])
    expect(errors).toEqual([])
  })

  test.each<[fact: string, text: string, delimiter: string, columns: readonly string[]]>([
    ['commas', 'a,b\n1,2\n', ',', ['a', 'b']],
    ['semicolons and decimal commas', 'a;b;c\n1,5;2,5;x\n3,5;4,5;y\n', ';', ['a', 'b', 'c']],
    ['tabs and text with commas', 'a\tb\nx, y\tz, z\nv, w\tu\n', '\t', ['a', 'b']],
    ['tabs and empty cells', 'a\tb\tc\n\t\t1\n2\t\t\n', '\t', ['a', 'b', 'c']],
    ['bars', 'a|b\n1|2\n', '|', ['a', 'b']],
    ['semicolons that stand in quotes', 'a,b\n"1;2","3;4;5"\n"6;7","8"\n', ',', ['a', 'b']],
    [
      'a comma in one name',
      'Name, first;Age\nCurie, Marie;66\nBohr;77\n',
      ';',
      ['Name, first', 'Age'],
    ],
    ['one column', 'a\n1\n2\n', ',', ['a']],
    ['only a header', 'a;b', ';', ['a', 'b']],
  ])('with %s is told by its delimiter', async (_, text, delimiter, columns) => {
    expect((await csv(text)).info).toMatchObject({ delimiter, columns })
  })

  test('is separated and quoted as the options say', async () => {
    const text = "a:b\n'1:2':'it''s'\n"
    const reading = await csv(text, { delimiter: ':', quote: "'" })
    expect(grid(reading)).toEqual([['1:2', "it's"]])
    expect((await csv('a,b;c\n1,2;3\n', { delimiter: ';' })).info.columns).toEqual(['a,b', 'c'])
  })

  test.each([
    ['line feeds', '\n'],
    ['carriage returns and line feeds', '\r\n'],
    ['carriage returns', '\r'],
  ])(
    'is the same with %s, in parts of any size, with or without a byte order mark',
    async (_, end) => {
      const text = ['id,note', '1,"two', 'lines, ""Æ"""', '', '2,😀'].join(end)
      for (const size of [1, 2, 3, 5, 64])
        for (const mark of ['', '\ufeff'])
          expect((await read(sourceOf(mark + text, 'table.csv', size))).rows).toEqual([
            { row: 3, cells: { id: '1', note: 'two\nlines, "Æ"' } },
            { row: 5, cells: { id: '2', note: '😀' } },
          ])
    },
  )

  test('leaves out rows without text and counts them', async () => {
    const { rows, errors } = await csv('\n\na,b\n1,2\n,\n\n , \n,,,,,\n3,4\n,\n')
    expect(rows.map(({ row }) => row)).toEqual([4, 9])
    expect(errors).toEqual([])
  })

  test('does without the nameless columns at its end, unless they hold something', async () => {
    const { info, rows, errors } = await csv('a,b,,\n1,2,,\n3,4\n5,6,,7\n8,9,,,,\n')
    expect(info.columns).toEqual(['a', 'b'])
    expect(rows.map(({ row }) => row)).toEqual([2, 3, 5])
    expect(errors).toEqual([
      {
        row: 4,
        code: 'CSV_COLUMN_COUNT',
        message: expect.stringMatching(/^table\.csv, line 4: cell 4 is not empty, .* 2 columns; /),
      },
    ])
  })

  test('calls a nameless column by its place', async () => {
    const { info, rows } = await csv(',a,,b\n1,2,3,4\n')
    expect(info.columns).toEqual(['#1', 'a', '#3', 'b'])
    expect(rows[0]?.cells).toEqual({ '#1': '1', a: '2', '#3': '3', b: '4' })
  })

  test('may have its header further down, under rows of other widths', async () => {
    const text = 'Mines of 2024\n"a title", with "quotes"\n\nname,state\nBroken Hill,NSW\n'
    for (const headerRow of [3, 4]) {
      const { info, rows, errors } = await csv(text, { headerRow })
      expect(info.columns).toEqual(['name', 'state'])
      expect(rows).toEqual([{ row: 5, cells: { name: 'Broken Hill', state: 'NSW' } }])
      expect(errors).toEqual([])
    }
  })

  test('takes blanks around a name and a bare cell for no part of it', async () => {
    const { info, rows } = await csv('a , "b",c\n "1, 2" , 3 ,"  4 "\n')
    expect(info.columns).toEqual(['a', 'b', 'c'])
    expect(rows[0]?.cells).toEqual({ a: '1, 2', b: '3', c: '  4 ' })
  })

  test('cannot reach a prototype through its header', async () => {
    const { info } = await csv('__proto__,constructor\n1,2\n')
    expect(info.columns).toEqual(['__proto__', 'constructor'])
    expect(Object.hasOwn(Object.prototype, '1')).toBe(false)
  })

  test('may have 10,000 columns', async () => {
    const names = Array.from({ length: 10_000 }, (_, i) => `c${i}`)
    const line = names.join(',')
    const { info, rows } = await csv(`${line}\n${line}\n${line}\n`)
    expect(info.columns).toHaveLength(10_000)
    expect(rows[1]?.cells['c9999']).toBe('c9999')
  })

  const cell = fc
    .string({ unit: 'grapheme', maxLength: 12 })
    .map((text) => text.replace(/[\r\0]/g, ''))
  test('is read as it was written, whatever its cells, dialect and parts', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc
          .integer({ min: 2, max: 6 })
          .chain((width) =>
            fc.array(fc.array(cell, { minLength: width, maxLength: width }), { maxLength: 12 }),
          ),
        fc.constantFrom(',', ';', '\t', '|'),
        fc.constantFrom('\n', '\r\n', '\r'),
        fc.integer({ min: 1, max: 9 }),
        async (table, delimiter, record_delimiter, size) => {
          const names = Array.from({ length: table[0]?.length ?? 2 }, (_, i) => `c${i}`)
          const text = stringify([names, ...table], { delimiter, record_delimiter, quoted: true })
          const reading = await read(sourceOf(text, 'table.csv', size), { delimiter })
          expect(reading.errors).toEqual([])
          expect(grid(reading)).toEqual(
            table.filter((row) => row.some((each) => each.trim() !== '')),
          )
        },
      ),
    )
  })
})

describe('a bad row', () => {
  test.each<[fact: string, row: string, code: string, message: RegExp]>([
    [
      'a cell too many',
      '1,2,3,4',
      'CSV_COLUMN_COUNT',
      /^table\.csv, line 3: cell 4 .* 3 columns; /,
    ],
    ['a cell too few', '1,2', 'CSV_COLUMN_COUNT', /^table\.csv, line 3: 2 cells .* 3 columns; /],
    [
      'a quote inside a cell',
      '1,5" gun,3',
      'CSV_SYNTAX',
      /^table\.csv, line 3: a quote .*; quote /,
    ],
    ['several such quotes', '1,5" gun,3" gun', 'CSV_SYNTAX', /^table\.csv, line 3: /],
  ])('with %s is refused in its place, and the others go on', async (_, row, code, message) => {
    const reading = await csv(`a,b,c\n1,2,3\n${row}\n4,5,6\n`)
    expect(reading.rows.map((each) => each.row)).toEqual([2, 4])
    expect(reading.errors).toEqual([{ row: 3, code, message: expect.stringMatching(message) }])
  })

  test('comes in the order of the file', async () => {
    const lines = Array.from({ length: 3000 }, (_, i) => (i % 3 === 0 ? `x"${i},2` : `${i},2`))
    const text = `a,b\n${lines.join('\n')}\n`
    const seen: number[] = []
    for await (const { row } of (await openTable(sourceOf(text))).rows()) seen.push(row)
    expect(seen).toEqual(lines.map((_, i) => i + 2))
  })
})

describe('a CSV file is refused as a whole', () => {
  test.each<[fact: string, text: string, code: string, message: RegExp]>([
    ['it leaves a quote open', 'a,b\n1,2\n3,"4\n5,6\n', 'CSV_SYNTAX', /after line 2 opens a quote/],
    [
      'text follows a closing quote',
      'a,b\n1,2\n"3"x,4\n',
      'CSV_SYNTAX',
      /, line 3: text stands behind/,
    ],
    [
      'text follows it after a blank',
      'a,b\n1,2\n"3" x,4\n',
      'CSV_SYNTAX',
      /, line 3: text stands behind/,
    ],
    [
      'a row is over-long',
      `a,b\n1,2\n3,"${'x\n'.repeat(1 << 20)}`,
      'ROW_TOO_LARGE',
      /after line 2 has/,
    ],
    [
      'a row has a million cells',
      `a,b\n${','.repeat(1 << 20)}x\n`,
      'TOO_MANY_COLUMNS',
      /line 2: 1048577 /,
    ],
    [
      'a row has no end of cells',
      `a,b\n${','.repeat(1 << 22)}`,
      'TOO_MANY_COLUMNS',
      /after line 1 has/,
    ],
    [
      'its header has too many columns',
      `${'a,'.repeat(16_385)}`,
      'TOO_MANY_COLUMNS',
      /line 1: 16386 /,
    ],
    [
      'a column is named twice',
      'a, b,a \n1,2,3\n',
      'DUPLICATE_COLUMN',
      /columns 1 and 3 are both called "a"/,
    ],
    ['its header cannot be read', 'a,b"c\n1,2\n', 'CSV_SYNTAX', /, line 1: a quote stands inside/],
    ['it is empty', '', 'FILE_EMPTY', /is empty/],
    ['it is only a byte order mark', '\ufeff', 'FILE_EMPTY', /holds no text/],
    ['it is blank', '\n \n\t\n', 'FILE_EMPTY', /holds no text/],
    ['its cells are all empty', ',,,\n,,\n', 'FILE_EMPTY', /has no row that names the columns; /],
  ])('when %s', async (_, text, code, message) => {
    const error = await refusal(sourceOf(text))
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) })
    expect(error.message).toMatch(/^table\.csv/)
  })

  test('when it has no header where the options say', async () => {
    const error = await refusal(sourceOf('a,b\n1,2\n'), { headerRow: 9 })
    expect(error).toMatchObject({
      code: 'FILE_EMPTY',
      message: expect.stringContaining('from line 9'),
    })
  })

  test('after the rows before the fault, which the reader must not use', async () => {
    const rows = (await openTable(sourceOf('a,b\n1,2\n3,"4\n5,6\n'))).rows()
    await expect(rows.next()).resolves.toMatchObject({ value: { row: 2 } })
    await expect(rows.next()).rejects.toMatchObject({ code: 'CSV_SYNTAX' })
  })

  test('when it cannot be opened', async () => {
    expect(await refusal(fileSource('/nowhere/table.csv', 'table.csv'))).toMatchObject({
      code: 'FILE_UNREADABLE',
      message: expect.stringMatching(/^table\.csv cannot be read: ENOENT/),
    })
  })
})
