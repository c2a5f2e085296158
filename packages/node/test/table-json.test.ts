import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { splitJson } from '../src/import/table/json/split-json.ts'
import { read, refusal, sourceOf } from './table-fixture.ts'

const json = (text: string, options = {}) => read(sourceOf(text, 'table.json'), options)
const lines = (text: string, options = {}) => read(sourceOf(text, 'table.jsonl'), options)
const cellsOf = async (row: string) => (await json(`[${row}]`)).rows[0]?.cells

async function* parts(text: string, size: number) {
  for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size)
}
const split = (text: string, size: number, path: readonly string[] = []) =>
  Array.fromAsync(splitJson(parts(text, size), path, 'table.json'))

describe('a JSON table', () => {
  test('gives each object by its place', async () => {
    const { info, rows } = await json('[{"id":"1"},\n{"id":"2","name":"Nickel"}]')
    expect(info).toMatchObject({
      format: 'json',
      encoding: 'utf-8',
      columns: null,
      delimiter: null,
    })
    expect(rows).toEqual([
      { row: 1, cells: { id: '1' } },
      { row: 2, cells: { id: '2', name: 'Nickel' } },
    ])
  })

  test('keeps numbers as they are written', async () => {
    const row = '{"a":12345678901234567890,"b":1.10,"c":1e5,"d":-0,"e":[1.0,2],"f":{"g":0.1}}'
    expect(await cellsOf(row)).toEqual({
      a: '12345678901234567890',
      b: '1.10',
      c: '1e5',
      d: '-0',
      e: ['1.0', '2'],
      'f.g': '0.1',
    })
  })

  test('makes columns of nested objects and lists of scalars', async () => {
    const row = '{"a":{"b":{"c":"x"},"d":null},"e":["p",1,true,null],"f":{},"g":[],"h":false}'
    expect(await cellsOf(row)).toEqual({
      'a.b.c': 'x',
      'a.d': '',
      e: ['p', '1', 'true', ''],
      f: '',
      g: [],
      h: 'false',
    })
  })

  test.each<[fact: string, value: string, column: string]>([
    ['a list of objects', '[{"b":1}]', 'a'],
    ['a list of lists', '[[1]]', 'a'],
    ['a list of objects and texts', '["x",{"b":1}]', 'a'],
    ['an object below eight names', `${'{"b":'.repeat(8)}1${'}'.repeat(8)}`, 'a.b.b.b.b.b.b.b'],
  ])('has a fault where a cell holds %s, and the other cells', async (_, value, column) => {
    expect(await cellsOf(`{"a":${value},"ok":1}`)).toEqual({
      [column]: {
        code: 'CELL_NESTED',
        message: expect.stringMatching(/^table\.json, row 1: a.* holds .*; flatten it/),
      },
      ok: '1',
    })
  })

  test('may stand at a member of the document', async () => {
    const text =
      '{"note":[1,{"items":[]}],"data":{"n":2,"items":[{"id":"]"},{"id":"2"}],"m":"}"},"z":null}'
    const { rows } = await json(text, { rows: 'data.items' })
    expect(rows.map(({ cells }) => cells['id'])).toEqual([']', '2'])
  })

  test('of no rows is a table', async () => {
    expect((await json(' [ ] ')).rows).toEqual([])
    expect((await json('{"items":[]}', { rows: 'items' })).rows).toEqual([])
  })

  const value = fc.jsonValue({ maxDepth: 4 })
  const blank = fc.constantFrom('', ' ', '\n', '\r\n\t ')
  test('is cut into the elements that the whole document has, in parts of any size', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(value, { maxLength: 8 }),
        fc.constantFrom(undefined, 1, '\t'),
        blank,
        fc.integer({ min: 1, max: 12 }),
        fc.boolean(),
        async (list, indent, gap, size, inside) => {
          const text = `${gap}[${list.map((each) => gap + JSON.stringify(each, null, indent) + gap).join()}${gap}]${gap}`
          const whole = inside ? `{"x":{"list":[0]},${gap}"y" : {"list":${text},"z":1}}` : text
          const path = inside ? ['y', 'list'] : []
          const elements = await split(whole, size, path)
          expect(elements.map((each) => JSON.parse(each))).toEqual(JSON.parse(text))
        },
      ),
    )
  })

  test('gives rows of any objects that say what the objects say', async () => {
    const flat = fc.dictionary(
      fc.string(),
      fc.oneof(fc.string(), fc.double({ noDefaultInfinity: true, noNaN: true })),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(flat, { maxLength: 6 }), async (list) => {
        const { rows, errors } = await json(JSON.stringify(list))
        expect(errors).toEqual([])
        expect(rows.map(({ cells }) => cells)).toEqual(
          list.map((row) =>
            Object.fromEntries(
              Object.entries(row).map(([name, each]) => [
                name,
                typeof each === 'string' ? each : JSON.stringify(each),
              ]),
            ),
          ),
        )
      }),
    )
  })
})

describe('a bad row of JSON', () => {
  test.each<[fact: string, row: string, code: string]>([
    ['is a number', '1', 'NOT_A_TABLE'],
    ['is a list', '["x"]', 'NOT_A_TABLE'],
    ['is null', 'null', 'NOT_A_TABLE'],
    ['has a member twice', '{"a":1,"b":2,"a":3}', 'DUPLICATE_COLUMN'],
    ['has a member twice further down', '{"a":{"b":[{"c":1,"c":2}]}}', 'DUPLICATE_COLUMN'],
    ['has a column in two ways', '{"a.b":1,"a":{"b":2}}', 'DUPLICATE_COLUMN'],
  ])('that %s is refused in its place, and the others go on', async (_, row, code) => {
    for (const text of [`[{"a":0},${row},{"a":9}]`, `{"a":0}\n${row}\n{"a":9}\n`]) {
      const reading = await read(sourceOf(text, text.startsWith('[') ? 'a.json' : 'a.jsonl'))
      expect(reading.rows.map((each) => each.row)).toEqual([1, 3])
      expect(reading.errors).toMatchObject([
        { row: 2, code, message: expect.stringMatching(/^a\.json/) },
      ])
    }
  })

  test('has its members counted, whatever stands in its texts', async () => {
    expect(await cellsOf('{"a":"\\\\\\":{:[","b\\":":"}"}')).toEqual({ a: '\\":{:[', 'b":': '}' })
  })

  test('cannot reach a prototype', async () => {
    const cells = await cellsOf('{"__proto__":{"x":1},"constructor":2}')
    expect(cells).toEqual({ '__proto__.x': '1', constructor: '2' })
    expect(Object.hasOwn(Object.prototype, 'x')).toBe(false)
  })
})

describe('a JSON file is refused as a whole', () => {
  test.each<[fact: string, text: string, code: string, message: RegExp]>([
    ['it ends inside a row', '[{"a":1},\n{"a":', 'NOT_JSON', /line 2: the file ends before/],
    ['it ends behind a row', '[{"a":1}', 'NOT_JSON', /the file ends before a comma/],
    ['it ends behind a comma', '[{"a":1},', 'NOT_JSON', /the file ends before a value/],
    ['a comma is missing', '[{"a":1}{"a":2}]', 'NOT_JSON', /"\{" stands where a comma/],
    ['a comma is too many', '[{"a":1},]', 'NOT_JSON', /"\]" stands where a value/],
    ['two commas follow', '[{"a":1},,{"a":2}]', 'NOT_JSON', /"," stands where a value/],
    ['something stands behind it', '[{"a":1}]\n[', 'NOT_JSON', /line 2: "\[" stands where the end/],
    [
      'brackets do not match',
      '[{"a":[1}]',
      'NOT_JSON',
      /line 1: "\}" stands where another bracket/,
    ],
    ['a row is not JSON', "[{'a':1}]", 'NOT_JSON', /row 1: /],
    ['a word is none', '[{"a":tru}]', 'NOT_JSON', /row 1: /],
    [
      'a row is over-long',
      `[{"a":"${'x'.repeat(1 << 20)}"}]`,
      'ROW_TOO_LARGE',
      /more than 1048576/,
    ],
    ['a row has no end', `[${'[1,'.repeat(1 << 20)}`, 'NOT_JSON', /deeper than 500/],
    [
      'a row is nested too deep',
      `[${'['.repeat(501)}${']'.repeat(501)}]`,
      'NOT_JSON',
      /deeper than 500/,
    ],
    [
      'it is one object',
      '{"n":1,"items":[],"more":[1]}',
      'NOT_A_TABLE',
      /`rows`, here "items" or "more"/,
    ],
    ['objects follow each other', '{"a":1}\n{"a":2}\n', 'NOT_A_TABLE', /give the `format` jsonl/],
    ['it is one text', '"x"', 'NOT_A_TABLE', /list of objects/],
    ['it is blank', ' \n', 'FILE_EMPTY', /no text/],
  ])('when %s', async (_, text, code, message) => {
    const error = await refusal(sourceOf(text, 'table.json'))
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) })
    expect(error.message).toMatch(/^table\.json/)
  })

  test.each<[fact: string, text: string, code: string, message: RegExp]>([
    ['there is no such member', '{"a":{"x":[]}}', 'NOT_A_TABLE', /no member "b"/],
    ['a member on the way is no object', '{"a":[]}', 'NOT_A_TABLE', /no member "b"/],
    ['the member is no list', '{"a":{"b":7}}', 'NOT_A_TABLE', /list of objects/],
    ['the member is there twice', '{"a":{"b":[{}],"b":[{}]}}', 'NOT_JSON', /"b" occurs twice/],
    ['the document ends behind the list', '{"a":{"b":[{}]}', 'NOT_JSON', /the file ends/],
    ['what follows the list is broken', '{"a":{"b":[{}]},"c":[}}', 'NOT_JSON', /another bracket/],
  ])('when the rows are at a.b and %s', async (_, text, code, message) => {
    expect(await refusal(sourceOf(text, 'table.json'), { rows: 'a.b' })).toMatchObject({
      code,
      message: expect.stringMatching(message),
    })
  })

  test('when a row has more columns than a table', async () => {
    const members = Array.from({ length: 16_385 }, (_, i) => `"c${i}":1`).join()
    for (const [name, text] of [
      ['a.json', `[{${members}}]`],
      ['a.jsonl', `{${members}}`],
    ] as const)
      expect(await refusal(sourceOf(text, name))).toMatchObject({ code: 'TOO_MANY_COLUMNS' })
  })
})

describe('a table of JSON lines', () => {
  test('gives each object by its line; a line that is not JSON is refused alone', async () => {
    const { info, rows, errors } = await lines(
      '{"a":1.50}\r\n\r\n{"a":\n  {"a":{"b":3}}  \n{"a":4}',
    )
    expect(info.format).toBe('jsonl')
    expect(rows).toEqual([
      { row: 1, cells: { a: '1.50' } },
      { row: 4, cells: { 'a.b': '3' } },
      { row: 5, cells: { a: '4' } },
    ])
    expect(errors).toMatchObject([
      { row: 3, code: 'NOT_JSON', message: expect.stringMatching(/^table\.jsonl, line 3: /) },
    ])
  })

  test('is refused as a whole when a line is over-long, in parts of any size', async () => {
    const text = `{"a":1}\n{"a":"${'x'.repeat(1 << 20)}"}\n`
    for (const size of [1000, 1 << 16, 1 << 22])
      expect(await refusal(sourceOf(text, 'table.jsonl', size))).toMatchObject({
        code: 'ROW_TOO_LARGE',
        message: expect.stringMatching(/^table\.jsonl, line 2: /),
      })
  })

  test('refuses a line of brackets or of quotes in no time', async () => {
    const from = process.cpuUsage()
    for (const line of ['['.repeat(1 << 19), `"${'\\"'.repeat(1 << 18)}`])
      expect((await lines(`{"a":1}\n${line}\n`)).errors).toMatchObject([
        { row: 2, code: 'NOT_JSON' },
      ])
    const { user, system } = process.cpuUsage(from)
    expect((user + system) / 1_000).toBeLessThan(2_000)
  })
})
