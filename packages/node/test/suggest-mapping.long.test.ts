import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { parseMapping } from '../src/import/mapping/parse-mapping.ts'
import { readDrafts } from '../src/import/read-drafts.ts'
import { suggestMapping } from '../src/import/suggest/suggest-mapping.ts'
import { openTable } from '../src/import/table/open-table.ts'
import { fileSource } from '../src/import/table/table.ts'
import { testFolder } from './import-fixture.ts'

const folder = testFolder()
const root = fileURLToPath(new URL('../../../', import.meta.url))
const request = { name: 'sample', nation: 'USA', today: '2026-11-25' } as const

const suggest = (path: string) => suggestMapping(fileSource(path, path.split('/').at(-1)), request)

/** Suggests a mapping and reads the whole file through it. */
async function readThrough(path: string) {
  const suggestion = await suggest(path)
  const { mapping } = parseMapping(suggestion.text, 'suggestion')
  const table = await openTable(fileSource(path), mapping.table)
  const results = await Array.fromAsync(readDrafts(table, mapping))
  return { suggestion, results, good: results.filter(({ ok }) => ok).length }
}

const written = (name: string, content: string): string => {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

test.each([
  ['agreements', 'agreement'],
  ['alerts', 'alert'],
  ['engagements', 'engagement'],
  ['gaps', 'gap'],
  ['investments', 'investment'],
  ['items', 'item'],
  ['production', 'capability'],
  ['suppliers', 'supplier'],
])(
  'the table %s of the examples is seen to hold %s records, and reads through the proposal',
  async (file, kind) => {
    const { suggestion, results, good } = await readThrough(join(root, `examples/usa/${file}.csv`))
    expect(suggestion.kind).toBe(kind)
    expect(results.length).toBeGreaterThan(0)
    expect(good).toBe(results.length)
  },
)

const data = join(root, '../shared/data')
const present = existsSync(data)
if (!present)
  process.stdout.write('skipped: 9 proposals for real files, ../shared/data is absent\n')

test.skipIf(!present).each([
  [
    'production-us-fy2017/fy2017-manufacturers.csv',
    'capability',
    ['supplier', 'rate_max', 'unit_cost', 'lead_time'],
  ],
  ['production-us-fy2017/fy2017-line-items.csv', 'programme', ['name', 'code']],
  ['production-us-fy2017/fy2017-nsn.csv', 'item', ['nsn', 'fsc', 'name']],
  ['production-us-fy2017/fy2017-dmsms.csv', 'gap', ['title', 'statement']],
  ['production-us-fy2017/fy2017-rdte-elements.csv', 'investment', ['title', 'code', 'amount']],
  ['agreements/RDP_QA.csv', 'agreement', ['title', 'parties', 'effective', 'amended']],
  [
    'facilities-au/Australian_Operating_Mines_2024.xlsx',
    'facility',
    ['name', 'latitude', 'longitude'],
  ],
  [
    'facilities-ca/nrcan_critical_minerals_2026-06-24.json',
    'facility',
    ['name', 'operator', 'materials'],
  ],
  ['minerals/usgs_country_production_2015.csv', 'capability', ['title', 'materials']],
])(
  '%s is seen to hold %s records with %j, and every row reads through the proposal',
  async (file, kind, fields) => {
    const { suggestion, results, good } = await readThrough(join(data, file))
    expect(suggestion.kind).toBe(kind)
    expect(suggestion.matches.map(({ field }) => field)).toEqual(
      expect.arrayContaining([...fields]),
    )
    expect(good).toBe(results.length)
  },
)

describe('a proposal', () => {
  test('finds the columns that give units: month or year, dollars or thousands', async () => {
    const path = written(
      'units.csv',
      'capability,maker,max rate,rate units,unit cost,cost units\nBeacon,Works,15,Monthly,2.5,Thousands\nBuoy,Yard,7,Yearly,900,Dollars\n',
    )
    const { suggestion, results } = await readThrough(path)
    const values = results.map((row) => row.ok && row.draft.fields)
    expect(suggestion.kind).toBe('capability')
    expect(values).toMatchObject([
      {
        rate_max: { value: { number: '15', per: 'month' } },
        unit_cost: { value: { amount: '2500', currency: 'USD' } },
      },
      {
        rate_max: { value: { number: '7', per: 'year' } },
        unit_cost: { value: { amount: '900' } },
      },
    ])
  })

  test('says how dates and numbers are written, and what seems to mean "not given"', async () => {
    const path = written(
      'german.csv',
      'agreement;party;effective;value limit\nVertrag A;Norway;31.12.2020;"1.234,50"\nVertrag B;Canada;1.2.2021;NA\nVertrag C;France;3.4.2021;"2.000,00"\n',
    )
    const suggestion = await suggest(path)
    expect(suggestion).toMatchObject({
      kind: 'agreement',
      dates: 'D.M.YYYY',
      decimal: ',',
      missing: ['NA'],
    })
  })

  test('takes a key that tells the rows apart, and says so when none does', async () => {
    const two = written('two.csv', 'name,place,size\nWorks,Oslo,1\nWorks,Bergen,2\nYard,Oslo,3\n')
    expect(await suggest(two)).toMatchObject({ keyIsUnique: true })
    const same = written('same.csv', 'name,place\nWorks,Oslo\nWorks,Oslo\n')
    const { keyIsUnique, text } = await suggest(same)
    expect(keyIsUnique).toBe(false)
    expect(text).toContain('does NOT name every row')
  })

  test('looks below a title for the header, and sees prices in £k, output by month, the day of a check and a part number', async () => {
    const { suggestion, results } = await readThrough(
      join(root, 'examples/planner/castings-2026-06.xlsx'),
    )
    const { mapping } = parseMapping(suggestion.text, 'suggestion')
    expect(suggestion).toMatchObject({ kind: 'capability', asOf: 'Checked', key: ['Part'] })
    expect(mapping.table).toEqual({ sheet: 'Castings', headerRow: 3 })
    const values = results.map((row) => row.ok && row.draft.fields)
    expect(values[0]).toMatchObject({
      output: { value: { quantity: '40', period: 'month' } },
      unit_cost: { value: { amount: '1900', currency: 'GBP' } },
    })
  })

  test('differs from what a planner made of it by what the page on imports shows', async () => {
    const planner = join(root, 'examples/planner')
    const path = join(planner, 'castings-2026-05.xlsx')
    const { text } = await suggestMapping(fileSource(path), {
      ...{ name: 'castings', nation: 'GBR', today: request.today, dataset: 'production' },
    })
    const page = readFileSync(join(root, 'docs/import.md'), 'utf8')
    const shown = parse(/^```yaml\n(.*?)^```$/ms.exec(page)?.[1] ?? '')
    const proposed = parse(text)
    const mended = { ...proposed, ...shown, fields: { ...proposed.fields, ...shown.fields } }
    expect(mended).toEqual(parse(readFileSync(join(planner, 'castings.yaml'), 'utf8')))
  })

  test.each([
    ['most are NSNs', '1420-99-771-0034;1420-99-771-0042\n\n1420-99-771-007', 'as: nsn }'],
    ['none is', 'A 1;B 2', 'separator: ";" }'],
  ])('reads a list of items as NSNs where %s', async (_, cells, shows) => {
    const lines = cells.split('\n').map((cell, i) => `P${i},Part ${i},${cell}`)
    const path = written('refs.csv', ['Part,Description,NSN', ...lines].join('\n'))
    const { text } = await suggestMapping(fileSource(path), { ...request, kind: 'capability' })
    expect(text).toMatch(new RegExp(`item_refs: .*${shows}`))
  })

  test('says that home is assumed where no cell names a nation', async () => {
    const text = async (town: string) => {
      const path = written('towns.csv', `Part,Description,Town\nP1,Casing,${town}\nP2,Fin,Leeds\n`)
      return (await suggestMapping(fileSource(path), { ...request, kind: 'capability' })).text
    }
    expect(await text('York')).toContain('home USA is assumed')
    expect(await text('"Raufoss, Norway"')).not.toContain('is assumed')
  })

  test('gives nobody anything', async () => {
    const { results } = await readThrough(join(root, 'examples/usa/items.csv'))
    for (const row of results)
      if (row.ok)
        for (const { label } of Object.values(row.draft.fields))
          expect(label.releasableTo).toEqual([])
  })

  test('of a table whose header was read in another encoding is a mapping that reads', async () => {
    const path = written('other.csv', 'Pr\ufffdfstelle,Name\nx,y\n')
    parseMapping((await suggest(path)).text, 'suggestion')
  })

  test('of any table is a mapping that reads, whatever stands in its header', async () => {
    const cell = fc.string({ unit: 'grapheme', maxLength: 12 })
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(
          fc
            .string({ unit: 'grapheme', minLength: 1, maxLength: 10 })
            .filter((name) => name.trim() !== ''),
          {
            minLength: 1,
            maxLength: 5,
            selector: (name) => name.trim(),
          },
        ),
        fc.array(fc.array(cell, { minLength: 5, maxLength: 5 }), { minLength: 1, maxLength: 4 }),
        async (names, rows) => {
          const quote = (text: string) => `"${text.replaceAll('"', '""')}"`
          const lines = [names, ...rows.map((row) => names.map((_, i) => row[i] ?? ''))]
          const path = written('any.csv', lines.map((line) => line.map(quote).join(',')).join('\n'))
          const suggestion = await suggest(path).catch((error: { code?: string }) => {
            expect(error.code, String(error)).toMatch(/^[A-Z_]+$/)
            return null
          })
          if (suggestion !== null) parseMapping(suggestion.text, 'suggestion')
        },
      ),
      { numRuns: 60 },
    )
  })
})

test('every file among the examples gets a proposal', async () => {
  for (const nation of ['aus', 'can', 'gbr', 'nor'])
    for (const file of readdirSync(join(root, 'examples', nation)))
      expect((await suggest(join(root, 'examples', nation, file))).text).toContain('fields:')
})
