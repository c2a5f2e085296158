import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  good,
  header,
  mapping,
  type ReadOptions,
  readFrom,
  shareable,
  testFolder,
  valuesOf,
} from './import-fixture.ts'

const folder = testFolder()
const read = (content: string | Uint8Array, options?: ReadOptions) =>
  readFrom(folder, content, options)

describe('a good row', () => {
  test('becomes a draft with source, date, values and labels', async () => {
    const [result] = await read(`${header}\n${good}\n`)
    expect(result).toMatchObject({
      ok: true,
      row: 2,
      naturalKey: '["test","capability","NOR","1"]',
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
    expect(fields.owner_contact?.label).toEqual({
      classification: 'CONFIDENTIAL',
      releasableTo: ['NOR', 'USA'],
      caveats: [],
    })
  })

  test('has the strictest label where the mapping says nothing of the class', async () => {
    const [result] = await read(`${header}\n${good}\n`)
    expect(result?.ok && result.draft.fields.unit_cost?.label).toEqual({
      classification: 'RESTRICTED',
      releasableTo: [],
      caveats: ['COMMERCIAL'],
    })
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
      fc.asyncProperty(fc.integer({ min: 1, max: 7 }), async (chunk) => {
        expect(await read(text, { chunk })).toEqual(whole)
      }),
    )
  })

  test('may stand in a JSON array, lists and all, and leave out what it does not give', async () => {
    const names = header.split(',')
    const row = Object.fromEntries(good.split(',').map((cell, i) => [names[i], cell]))
    const as = `${mapping}  materials: { split: materials, separator: ";", as: lower }\n`
    const { contact: _left, ...rest } = row
    const results = await read(JSON.stringify([{ ...rest, materials: ['Cobalt', 'nickel '] }]), {
      name: 'table.json',
      as,
    })
    expect(valuesOf(results[0])).toMatchObject({ title: 'Beacon', materials: ['cobalt', 'nickel'] })
    expect(valuesOf(results[0])).not.toHaveProperty('owner_contact')
  })

  test('takes no part of a list that means "not given", and each other part once', async () => {
    const as = `${mapping}
  item_refs: { split: nations, separator: ";", as: nation, missing: ["?"] }
  materials: { list: [maker, maker, { column: place, values: { Oslo: Works } }] }
`
    const names = `${header},nations`
    const csv = await read(`${names}\n${good},US; NA;?;USA\n`, { as })
    expect(valuesOf(csv[0])).toMatchObject({ item_refs: ['USA'], materials: ['Works'] })
    const row = [...good.split(','), ['US', 'NA', 'NULL', 'NO']]
    const object = Object.fromEntries(names.split(',').map((name, i) => [name, row[i]]))
    const json = await read(JSON.stringify([object]), { name: 'table.json', as })
    expect(valuesOf(json[0])).toMatchObject({ item_refs: ['USA', 'NOR'] })
    const listed = as.replace('missing: ["?"]', 'values: { NA: NAM }')
    const namibia = await read(`${names}\n${good},US; NA\n${good},NA\n`, { as: listed })
    expect(namibia.map((result) => valuesOf(result).item_refs)).toEqual([['USA', 'NAM'], ['NAM']])
  })

  test('is translated with letter case and blanks aside', async () => {
    const [result] = await read(`${header}\n${good.replace('Monthly', ' MONTHLY ')}\n`)
    expect(valuesOf(result).rate_max).toMatchObject({ per: 'month' })
  })

  test('says Namibia where the mapping says that NA is Namibia, though NA is missing elsewhere', async () => {
    const as = mapping
      .replace('originator: nation', 'originator: NAM')
      .replace(
        '  title: title',
        '  title: title\n  domain: { column: nation, values: { NA: NAM } }',
      )
    const [result] = await read(`${header}\n${good.replace('NOR', 'NA').replace('Oslo', 'NA')}\n`, {
      as,
    })
    expect(valuesOf(result)).toMatchObject({ domain: 'NAM' })
    expect(valuesOf(result)).not.toHaveProperty('place')
  })

  test('with text that went through the wrong encoding is mended, and says so', async () => {
    const [result] = await read(`${header}\n${good.replace('Beacon', 'BalÃ©a â€“ QuÃ©bec')}\n`)
    expect(valuesOf(result).title).toBe('Baléa – Québec')
    expect(result?.ok && result.flags).toMatchObject([{ code: 'MOJIBAKE', column: 'title' }])
  })

  test('whose maker is a placeholder has none, and says so', async () => {
    const [result] = await read(`${header}\n${good.replace('Works', 'Various Vendors')}\n`)
    expect(valuesOf(result)).not.toHaveProperty('supplier')
    expect(result?.ok && result.flags).toMatchObject([{ code: 'PLACEHOLDER', column: 'maker' }])
  })

  test('whose maker and place are placeholders has neither, and says so of each', async () => {
    const row = good.replace('Works', 'Radar / TBD').replace('Oslo', 'Various')
    const as = mapping.replace('as: party', 'as: party, values: { Radar / TBD: TBD }')
    const [result] = await read(`${header}\n${row}\n`, { as })
    expect(valuesOf(result)).not.toHaveProperty('supplier')
    expect(valuesOf(result)).not.toHaveProperty('place')
    expect(result?.ok && result.flags).toMatchObject([
      { code: 'PLACEHOLDER', column: 'maker' },
      { code: 'PLACEHOLDER', column: 'place' },
    ])
  })

  test('reads as a number what the mapping lists, and every other number by itself', async () => {
    const as = mapping.replace(
      'column: rate, as: decimal,',
      'column: rate, as: decimal, values: { —: "7" },',
    )
    const results = await read(`${header}\n${good.replace(',15,', ',—,')}\n${good}\n`, { as })
    expect(results.map((result) => valuesOf(result).rate_max)).toMatchObject([
      { number: '7' },
      { number: '15' },
    ])
  })

  test('has what holds only of some rows, only if it is one of them', async () => {
    const as = mapping.replace(
      'trl: {',
      'domain: { when: { title: [beacon, buoy], place: Oslo }, value: { const: at sea } }\n  trl: {',
    )
    const rows = [good, good.replace('Beacon', 'Light'), good.replace('Oslo', '')].join('\n')
    const results = await read(`${header}\n${rows}\n`, { as })
    expect(results.map((result) => valuesOf(result).domain)).toEqual([
      'at sea',
      undefined,
      undefined,
    ])
  })

  test('keeps an identifier as it was given beside its normal form', async () => {
    const as = mapping
      .replace('kind: capability', 'kind: item')
      .replace(/fields:[\s\S]*/, 'fields:\n  name: title\n  nsn: { column: maker, as: nsn }\n')
    const [result] = await read(`${header}\n${good.replace('Works', 'NSN 2310013823919')}\n`, {
      as,
    })
    expect(result?.ok && result.draft.fields.nsn).toMatchObject({
      value: '2310-01-382-3919',
      asGiven: 'NSN 2310013823919',
    })
    expect(result?.ok && result.flags).toMatchObject([{ code: 'IDENTIFIER_NATION' }])
  })
})

describe('a contradiction', () => {
  const flagsWith = async (checks: string, row: string) => {
    const [result] = await read(`${header}\n${row}\n`, { as: `${mapping}checks: ${checks}\n` })
    return result?.ok ? result.flags.map(({ code }) => code) : result
  }

  test.each([
    ['never', '[{ never: { title: Beacon, per: Monthly } }]', good],
    ['sum', '[{ sum: [rate, trl], equals: cost }]', good],
    ['rising', '[{ rising: [rate, trl] }]', good],
    ['rising, of dates', '[{ rising: [date, contact] }]', good.replace('Desk 1', '12/1/2016')],
    ['never, one of several', '[{ never: { title: [Buoy, beacon], maker: Works } }]', good],
    ['begins', '[{ column: title, begins: maker }]', good],
    ['names', '[{ names: title, nation: nation }]', good.replace('Beacon', 'Treaty with Sweden')],
    ['names', '[{ names: title, nation: nation }]', good.replace('Beacon', 'MOU U.S.-Canada')],
  ])(
    'that breaks a check of the sort %s is flagged, and the row stands',
    async (_, checks, row) => {
      expect(await flagsWith(checks, row)).toEqual(['CONTRADICTION'])
    },
  )

  test.each([
    ['never', '[{ never: { title: Beacon, per: Yearly } }]', good],
    ['sum', '[{ sum: [rate, trl], equals: cost }]', good.replace('0.56', '22')],
    ['sum of what is not given', '[{ sum: [rate, trl], equals: cost }]', good.replace('0.56', '')],
    ['rising', '[{ rising: [trl, rate] }]', good],
    ['rising, of dates', '[{ rising: [date, contact] }]', good.replace('Desk 1', '12/1/2017')],
    ['rising over 0', '[{ rising: [cost, trl] }]', good.replace('0.56', '0')],
    ['begins', '[{ column: title, begins: maker }]', good.replace('Works', 'Bea')],
    ['names', '[{ names: title, nation: nation }]', good.replace('Beacon', 'U.S.-Norway treaty')],
  ])('is not seen where the check holds: %s', async (_, checks, row) => {
    expect(await flagsWith(checks, row)).toEqual([])
  })
})

describe('a bad row', () => {
  test.each<[fact: string, row: string, column: string | null, code: string]>([
    ['no title', good.replace('Beacon', 'NA'), 'title', 'MISSING_VALUE'],
    ['an unknown nation', good.replace('NOR', 'NRW'), 'nation', 'BAD_VALUE'],
    ['a day that is not in the calendar', good.replace('3/31', '2/30'), 'date', 'BAD_VALUE'],
    ['a rate that is no number', good.replace(',15,', ',fifteen,'), 'rate', 'BAD_VALUE'],
    ['a rate with a thousands comma', good.replace(',15,', ',"1,500",'), 'rate', 'BAD_VALUE'],
    ['an unknown rate unit', good.replace('Monthly', 'Weekly'), 'per', 'BAD_VALUE'],
    ['an unknown cost unit', good.replace('Thousands', 'Lakh'), 'cost_unit', 'BAD_VALUE'],
    ['a readiness level of 12', good.replace(/7$/, '12'), 'trl', 'BAD_VALUE'],
    ['a cell too many', `${good},x`, null, 'CSV_COLUMN_COUNT'],
    ['a cell too few', good.replace(/,7$/, ''), null, 'CSV_COLUMN_COUNT'],
  ])(
    'with %s is refused by row, column and code; the others go on',
    async (_, row, column, code) => {
      const results = await read(
        `${header}\n${good.replace('1', '8')}\n${row}\n${good.replace('1', '9')}\n`,
      )
      expect(results.map((r) => r.ok)).toEqual([true, false, true])
      expect(results[1]).toMatchObject({ ok: false, row: 3, column, code })
    },
  )

  test('that is no record, such as a total, is counted by a code of its own', async () => {
    const as = `${mapping}skip: [{ title: [Total, Other] }]\n`
    const results = await read(`${header}\n${good.replace('Beacon', 'total')}\n${good}\n`, { as })
    expect(results).toMatchObject([
      { ok: false, code: 'NOT_A_RECORD', column: 'title' },
      { ok: true },
    ])
    expect(results[0]).toHaveProperty('reason', expect.stringContaining('title is "total"'))
  })

  test('that names nobody where the record is somebody is counted by a code of its own', async () => {
    const as = mapping
      .replace('kind: capability', 'kind: supplier')
      .replace(/fields:[\s\S]*/, 'fields:\n  legal_name: { column: maker, as: party }\n')
    const rows = [good.replace('Works', 'TBD'), good.replace('Works', ''), good].join('\n')
    const results = await read(`${header}\n${rows}\n`, { as })
    expect(results.map((result) => result.ok || result.code)).toEqual([
      'PLACEHOLDER',
      'MISSING_VALUE',
      true,
    ])
  })

  test('whose date could be read two ways is refused until the mapping says how', async () => {
    const as = mapping.replace('dates: M/D/YYYY\n', '')
    const [result] = await read(`${header}\n${good}\n`, { as })
    expect(result).toMatchObject({ ok: false, column: 'date', code: 'DATE_AMBIGUOUS' })
  })

  test('of a JSON table is refused alone', async () => {
    const results = await read('[1, {"id": {"deep": 1}}, {"id": "1"}]', { name: 'table.json' })
    expect(results.map((result) => !result.ok && [result.row, result.code])).toEqual([
      [1, 'NOT_A_TABLE'],
      [2, 'BAD_VALUE'],
      [3, 'BAD_VALUE'],
    ])
  })
})

describe('a bad file', () => {
  test('that lacks columns says which, before a row is read', async () => {
    await expect(read('id,nation\n1,NOR\n')).rejects.toMatchObject({
      code: 'MISSING_COLUMN',
      message: expect.stringMatching(/no column .*title.*it has id, nation/),
    })
  })

  test('cannot reach a prototype through its header', async () => {
    const results = await read(`${header},__proto__,constructor\n${good},x,y\n`)
    expect(results[0]?.ok).toBe(true)
    expect(Object.hasOwn(Object.prototype, 'x')).toBe(false)
  })

  test('of any bytes ends, with rows that are drafts or coded, or coded itself', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 200 }),
        fc.constantFrom('t.csv', 't.json', 't.jsonl'),
        async (content, name) => {
          const results = await read(content, { name }).catch((error: { code?: string }) => {
            expect(error.code, String(error)).toMatch(/^[A-Z_]+$/)
            return []
          })
          for (const result of results) expect(result.ok || result.code).toBeTruthy()
        },
      ),
    )
  })
})
