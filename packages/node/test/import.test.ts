import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ImportError, parseMapping, type RowResult, readDrafts } from '../src/import/index.ts'
import { nationOfPlace } from '../src/import/place.ts'

const shareable = { classification: 'UNCLASSIFIED', releasableTo: ['PARTNERS'], caveats: [] }
const national = { classification: 'SECRET', releasableTo: [], caveats: [] }
const bilateral = (...pair: string[]) => ({
  classification: 'CONFIDENTIAL',
  releasableTo: pair,
  caveats: [],
})

const mapping = {
  mapping: 'test',
  version: 1,
  kind: 'capability',
  dataset: 'production',
  originator: { column: 'nation' },
  source: { document: { const: 'a test' }, row: { column: 'id' } },
  key: ['id'],
  asOf: { column: 'date', as: 'date' },
  handling: { originator_control: false, onward_release: 'ask' },
  missing: ['', 'NA', 'NULL'],
  labels: { P: shareable, G: shareable, R: shareable, B: national, N: national, C: national },
  labelsOf: { NOR: { B: bilateral('NOR', 'USA') } },
  fields: {
    title: { value: { column: 'title' } },
    supplier: { value: { column: 'maker', missing: ['TBD'] } },
    place: { value: { column: 'place', as: 'place', values: { 'MONTREAL, CN': 'CAN' } } },
    rate_max: {
      value: {
        object: {
          number: { column: 'rate', as: 'decimal', missing: ['0'] },
          unit: { const: 'each' },
          per: { column: 'per', values: { Monthly: 'month', Yearly: 'year' } },
        },
        require: ['number'],
      },
    },
    unit_cost: {
      value: {
        object: {
          amount: {
            column: 'cost',
            as: 'decimal',
            shift: { column: 'cost_unit', values: { Dollars: 0, Thousands: 3, Millions: 6 } },
          },
          currency: { const: 'USD' },
        },
        require: ['amount'],
      },
    },
    owner_contact: { value: { column: 'contact' } },
    trl: { value: { column: 'trl', as: 'integer' } },
  },
}

const header = 'id,nation,date,title,maker,place,rate,per,cost,cost_unit,contact,trl'
const good = '1,NOR,3/31/2017,Beacon,Works,Oslo,15,Monthly,0.56,Thousands,Desk 1,7'

const bytes = (text: string) => new TextEncoder().encode(text)

async function read(
  text: string | Uint8Array | AsyncIterable<Uint8Array>,
  { name = 'table.csv', as = mapping }: { name?: string; as?: unknown } = {},
): Promise<readonly RowResult[]> {
  const source = { name, bytes: typeof text === 'string' ? bytes(text) : text }
  return await Array.fromAsync(readDrafts(source, parseMapping(as)))
}

const valuesOf = (result: RowResult | undefined): Record<string, unknown> =>
  result?.ok
    ? Object.fromEntries(
        Object.entries(result.draft.fields).map(([name, { value }]) => [name, value]),
      )
    : {}

describe('a good row', () => {
  test('becomes a draft with source, date, values and labels', async () => {
    const [result] = await read(`${header}\n${good}\n`)
    expect(result).toMatchObject({
      ok: true,
      row: 2,
      naturalKey: expect.stringMatching(/^\["[^"]+","capability","NOR","1"\]$/),
      draft: {
        kind: 'capability',
        originator: 'NOR',
        dataset: 'production',
        envelope: {
          asOf: '2017-03-31',
          status: 'active',
          source: { document: 'a test', row: '1' },
        },
      },
    })
    expect(valuesOf(result)).toEqual({
      title: 'Beacon',
      supplier: 'Works',
      place: { text: 'Oslo' },
      rate_max: { number: '15', unit: 'each', per: 'month' },
      unit_cost: { amount: '560', currency: 'USD' },
      owner_contact: 'Desk 1',
      trl: 7,
    })
    const fields = result?.ok ? result.draft.fields : {}
    expect(fields.title?.label).toEqual(shareable)
    expect(fields.owner_contact?.label).toEqual(bilateral('NOR', 'USA'))
  })

  test('has no field for what the file does not give', async () => {
    const [result] = await read(`${header}\n1,NOR,2017-03-31,Beacon,TBD,NA,0,Monthly,NULL,,,\n`)
    expect(valuesOf(result)).toEqual({ title: 'Beacon' })
  })

  test('is the same whatever the byte order mark, line ends and chunk borders', async () => {
    const text = `\uFEFF${header}\r\n${good.replace('Beacon', 'Bøye “Æ”')}\r\n`
    const whole = await read(text)
    expect(valuesOf(whole[0]).title).toBe('Bøye “Æ”')
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 7 }), async (size) => {
        async function* chunks() {
          const all = bytes(text)
          for (let at = 0; at < all.length; at += size) yield all.slice(at, at + size)
        }
        expect(await read(chunks())).toEqual(whole)
      }),
    )
  })

  test('may stand in a JSON array, lists and all', async () => {
    const names = header.split(',')
    const row = Object.fromEntries(good.split(',').map((cell, i) => [names[i], cell]))
    const as = {
      ...mapping,
      fields: {
        ...mapping.fields,
        materials: { value: { split: 'materials', separator: ';', as: 'lower' } },
      },
    }
    const results = await read(JSON.stringify([{ ...row, materials: ['Cobalt', 'nickel '] }]), {
      name: 'table.json',
      as,
    })
    expect(valuesOf(results[0])).toMatchObject({ title: 'Beacon', materials: ['cobalt', 'nickel'] })
  })
})

describe('a bad row', () => {
  test.each<[fact: string, row: string, column: string | undefined, code: string]>([
    ['no title', good.replace('Beacon', 'NA'), 'title', 'MISSING_VALUE'],
    ['an unknown nation', good.replace('NOR', 'NRW'), 'nation', 'BAD_VALUE'],
    ['a day that is not in the calendar', good.replace('3/31', '2/30'), 'date', 'BAD_VALUE'],
    ['a rate that is no number', good.replace(',15,', ',fifteen,'), 'rate', 'BAD_VALUE'],
    ['a rate with a thousands comma', good.replace(',15,', ',"1,500",'), 'rate', 'BAD_VALUE'],
    ['an unknown rate unit', good.replace('Monthly', 'Weekly'), 'per', 'BAD_VALUE'],
    ['an unknown cost unit', good.replace('Thousands', 'Lakh'), 'cost_unit', 'BAD_VALUE'],
    ['a readiness level of 12', good.replace(/7$/, '12'), 'trl', 'BAD_VALUE'],
    ['a cell too many', `${good},x`, undefined, 'CSV_COLUMN_COUNT'],
    ['a cell too few', good.replace(/,7$/, ''), undefined, 'CSV_COLUMN_COUNT'],
    ['a stray quote', good.replace('Beacon', 'Bea"con'), undefined, 'CSV_SYNTAX'],
  ])(
    'with %s is refused by file, row, column and code; the others go on',
    async (_, row, column, code) => {
      const results = await read(
        `${header}\n${good.replace('1', '8')}\n${row}\n${good.replace('1', '9')}\n`,
      )
      expect(results.map((r) => r.ok)).toEqual([true, false, true])
      expect(results[1]).toMatchObject({ ok: false, file: 'table.csv', row: 3, column, code })
    },
  )

  test('that contradicts an earlier one of its key is refused; a repeat is not', async () => {
    const results = await read(`${header}\n${good}\n${good}\n${good.replace('Beacon', 'Buoy')}\n`)
    expect(results.map((r) => r.ok)).toEqual([true, true, false])
    expect(results[2]).toMatchObject({
      row: 4,
      column: 'id',
      code: 'DUPLICATE_KEY',
      reason: expect.stringContaining('row 2'),
    })
  })

  test('of a JSON table is refused alone', async () => {
    const results = await read('[1, {"id": {"deep": 1}}, {"id": "1"}]', { name: 'table.json' })
    expect(results).toMatchObject([
      { row: 1, code: 'NOT_A_TABLE' },
      { row: 2, column: 'id', code: 'BAD_VALUE' },
      { row: 3, column: 'nation', code: 'MISSING_COLUMN' },
    ])
  })
})

describe('a bad file', () => {
  test.each<[fact: string, name: string, content: string | Uint8Array, code: string]>([
    ['is not UTF-8', 'table.csv', Uint8Array.of(0x69, 0x64, 0x0a, 0xff, 0xfe), 'NOT_UTF8'],
    ['ends inside a character', 'table.csv', Uint8Array.of(0x69, 0x64, 0x0a, 0xc3), 'NOT_UTF8'],
    ['is not JSON', 'table.json', '[{', 'NOT_JSON'],
    ['is no array', 'table.json', '{"id": 1}', 'NOT_A_TABLE'],
    ['leaves a quote open', 'table.csv', 'id,nation\n1,"NOR\n2,NOR\n', 'CSV_SYNTAX'],
    ['has a broken header', 'table.csv', 'id,na"tion\n1,NOR\n2,NOR\n', 'CSV_SYNTAX'],
    ['has a row without end', 'table.csv', `id,nation\n1,"${'x'.repeat(1 << 21)}`, 'CSV_SYNTAX'],
    ['has a column twice', 'table.csv', 'id,id\n1,2\n', 'DUPLICATE_COLUMN'],
  ])('that %s ends with one coded row', async (_, name, content, code) => {
    const results = await read(content, { name })
    expect(results.at(-1)).toMatchObject({ ok: false, file: name, code })
  })

  test('that lacks a column says which', async () => {
    const [result] = await read('id,nation\n1,NOR\n')
    expect(result).toMatchObject({ ok: false, column: 'title', code: 'MISSING_COLUMN' })
  })

  test('cannot reach a prototype through its header', async () => {
    const results = await read(`${header},__proto__,constructor\n${good},x,y\n`)
    expect(results[0]?.ok).toBe(true)
    expect(Object.hasOwn(Object.prototype, 'x')).toBe(false)
  })

  test('of any bytes ends, with rows that are drafts or coded', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 200 }),
        fc.constantFrom('t.csv', 't.json'),
        async (content, name) => {
          for (const result of await read(content, { name }))
            expect(result.ok || result.code).toBeTruthy()
        },
      ),
    )
  })
})

describe('a mapping', () => {
  test.each<[fact: string, change: Record<string, unknown>, message: RegExp]>([
    [
      'a field that the kind does not have',
      { fields: { warp: { value: { column: 'x' } } } },
      /^fields\.warp: /,
    ],
    ['a class without a label', { labels: { P: shareable } }, /^fields\.rate_max: class R /],
    [
      'an unknown transform',
      { fields: { title: { value: { column: 'x', as: 'eval' } } } },
      /^fields\.title\.value/,
    ],
    [
      'an unknown member',
      { fields: { title: { value: { column: 'x', code: '1' } } } },
      /^fields\.title\.value/,
    ],
    [
      'an unsorted label',
      { labels: { ...mapping.labels, P: { ...shareable, releasableTo: ['NATO', 'AUKUS'] } } },
      /^labels\.P\.releasableTo/,
    ],
    ['no key', { key: [] }, /^key: /],
    ['a nation that is none', { labelsOf: { XXX: {} } }, /^labelsOf/],
  ])('with %s is refused, naming it', (_, change, message) => {
    const parse = () => parseMapping({ ...mapping, ...change })
    expect(parse).toThrow(ImportError)
    expect(parse).toThrow(message)
  })
})

describe('a place', () => {
  test.each([
    ['Ontario, CA', 'USA'],
    ['Ontario, Canada', 'CAN'],
    ['Burlington, ON', 'CAN'],
    ['LE GARDEUR, CANADA', 'CAN'],
    ['Portsmith, UK', 'GBR'],
    ['MIDDLESEX GB', 'GBR'],
    ['HARLOW-UNITED KINGDOM', 'GBR'],
    ['Leige Belgium', 'BEL'],
    ['Tuscon, AZ', 'USA'],
    ['Londonderry, NH', 'USA'],
    ['BETHPAGE, NEW YORK', 'USA'],
    ['Albuquerque, New Mexico', 'USA'],
    ['Waukesha, WI 53188-1615', 'USA'],
    ['Syracuse, NY.', 'USA'],
    ['GERMANY', 'DEU'],
    ['Windhoek, Namibia', 'NAM'],
    ['MONTREAL, CN', undefined],
    ['Londonderry', undefined],
    ['Stockport', undefined],
    ['CO', undefined],
    ['Atlanta, Georgia', undefined],
    ['UNKNOWN', undefined],
    ['', undefined],
  ])('%j is in %s', (text, nation) => {
    expect(nationOfPlace(text)).toBe(nation)
  })
})
