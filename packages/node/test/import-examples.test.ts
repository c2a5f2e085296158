import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, test } from 'vitest'
import { parseMapping } from '../src/import/mapping/parse-mapping.ts'
import { readDrafts } from '../src/import/read-drafts.ts'
import type { Draft, RowResult } from '../src/import/row-result.ts'
import { openTable } from '../src/import/table/open-table.ts'
import { type Cell, fileSource } from '../src/import/table/table.ts'

const root = new URL('../../../', import.meta.url)
const examples = new URL('examples/', root)
const shared = new URL('../shared/data/', root)

interface Manifest {
  readonly imports: Readonly<
    Record<string, readonly { readonly file: string; readonly mapping: string }[]>
  >
}

interface Expected {
  readonly sources: {
    readonly counted: number
    readonly rows: readonly { readonly name: string }[]
  }
  readonly 'second-sources': { readonly rows: readonly { readonly item_code: string }[] }
  readonly why: { readonly record: string; readonly fields: Readonly<Record<string, unknown>> }
}

const json = <T>(path: string): T => JSON.parse(readFileSync(new URL(path, examples), 'utf8')) as T

interface Imported {
  readonly nation: string
  readonly results: readonly RowResult[]
}

async function importAll(): Promise<readonly Imported[]> {
  const imported: Imported[] = []
  for (const [nation, files] of Object.entries(json<Manifest>('manifest.json').imports))
    for (const { file, mapping } of files) {
      const yaml = readFileSync(new URL(mapping, examples), 'utf8')
      const table = await openTable(fileSource(fileURLToPath(new URL(file, examples)), file))
      const results = await Array.fromAsync(readDrafts(table, parseMapping(yaml, mapping).mapping))
      imported.push({ nation, results })
    }
  return imported
}

let all: readonly Imported[] = []
beforeAll(async () => {
  all = await importAll()
})

const accepted = () => all.flatMap(({ results }) => results.filter((r) => r.ok))
const drafts = () => accepted().map((r) => r.draft)
const plain = (draft: Draft): Record<string, unknown> =>
  Object.fromEntries(Object.entries(draft.fields).map(([name, field]) => [name, field.value]))

describe('examples', () => {
  test('import without a refused row', () => {
    expect(all.flatMap(({ results }) => results.filter((r) => !r.ok))).toEqual([])
  })

  test('hold at least 1,500 records of five nations, each originated by the nation that imports it', () => {
    expect(accepted().length).toBeGreaterThanOrEqual(1_500)
    expect(new Set(all.map(({ nation }) => nation))).toEqual(
      new Set(['USA', 'GBR', 'AUS', 'CAN', 'NOR']),
    )
    for (const { nation, results } of all)
      for (const result of results) expect(result.ok && result.draft.originator).toBe(nation)
  })

  test('name every record by its own natural key', () => {
    const keys = accepted().map((r) => r.naturalKey)
    expect(keys.filter((key, i) => keys.indexOf(key) !== i)).toEqual([])
  })

  test('give every nation fields that nobody else may have, and bilateral ones', () => {
    for (const nation of ['USA', 'GBR', 'AUS', 'CAN', 'NOR']) {
      const labels = drafts()
        .filter((d) => d.originator === nation)
        .flatMap((d) => Object.values(d.fields).map((f) => f.label))
      expect(labels.some((l) => l.classification === 'SECRET' && l.releasableTo.length === 0)).toBe(
        true,
      )
      expect(
        labels.some((l) => l.classification === 'CONFIDENTIAL' && l.releasableTo.length === 2),
      ).toBe(true)
    }
  })

  test.each([
    [
      'MK-58',
      'HFI PYROTECHNICS INC',
      { text: 'Ontario, Canada', nation: 'CAN' },
      ['3000', '4000', '15000'],
      'year',
      '18',
    ],
    [
      'AN/ASQ-235',
      'BAE',
      { text: 'Portsmith, UK', nation: 'GBR' },
      ['25', '480', '1440'],
      'year',
      '12',
    ],
    [
      'A/P22P-14',
      'Cam Lock Limited',
      { text: 'Aldershot Hampshire, UK', nation: 'GBR' },
      ['60', '167', '333'],
      'month',
      '15',
    ],
  ])('hold %s exactly', (code, supplier, place, numbers, per, months) => {
    const found = drafts().filter((d) => d.fields.item_code?.value === code)
    expect(found.map((d) => d.originator)).toEqual(['USA'])
    const [record] = found.map(plain)
    const [rate_msr, rate_1_8_5, rate_max] = numbers.map((number) => ({
      number,
      unit: 'each',
      per,
    }))
    expect(record).toMatchObject({ supplier, place, rate_msr, rate_1_8_5, rate_max })
    expect(record?.lead_time).toMatchObject({ total: months, unit: 'months' })
  })

  test('have no placeholder for a supplier and no nation for a town alone', () => {
    const suppliers = drafts().map((d) =>
      String(d.fields.supplier?.value ?? d.fields.legal_name?.value ?? ''),
    )
    expect(
      suppliers.filter((name) => /^(tbd|tbs|unknown|vario?i?us|to be selected)/i.test(name)),
    ).toEqual([])
    expect(drafts().map((d) => d.fields.place?.value)).toContainEqual({ text: 'Stockport' })
  })
})

describe('expected answers', () => {
  const expected = json<Expected>('expected.json')
  const compact = (name: unknown) =>
    String(name)
      .toLowerCase()
      .replace(/[^a-z0-9]/g, '')

  test('sources of cobalt are those that the tables name', () => {
    const rows = drafts()
      .filter((d) => d.originator !== 'USA' && ['facility', 'capability'].includes(d.kind))
      .map((d) => ({ originator: d.originator, ...plain(d) }) as Record<string, unknown>)
      .filter((d) => (d.materials as string[] | undefined)?.some((m) => /\bcobalt\b/.test(m)))
      .map((d) => {
        const marks = [
          d.parent_nation && d.parent_nation !== d.originator ? 'foreign-owned' : '',
          d.materials_basis === 'group' ? 'group-only' : '',
          d.scope === 'national total' ? 'national-total' : '',
          d.operating_status === 'developing' ? 'not-producing' : '',
          d.operating_status === 'suspended' ? 'suspended' : '',
        ].filter(Boolean)
        return {
          name: d.name ?? d.title,
          nation: d.originator,
          place: ((d.address ?? d.place) as { text: string }).text,
          status: d.operating_status ?? d.scope,
          ...(d.operator ? { ownership: d.operator } : {}),
          counted: marks.length === 0,
          marks,
        }
      })
    const byName = <T extends { name: unknown }>(list: readonly T[]) =>
      list.toSorted((a, b) => (String(a.name) < String(b.name) ? -1 : 1))
    expect(byName(rows)).toEqual(byName(expected.sources.rows))
    expect(rows.filter((r) => r.counted)).toHaveLength(expected.sources.counted)
  })

  test('second sources share the item code and not the maker', () => {
    const made = drafts().filter((d) => d.kind === 'capability' && d.fields.item_code)
    const rows = made
      .filter((d) => d.originator === 'USA')
      .map((d) => ({ originator: d.originator, ...plain(d) }) as Record<string, unknown>)
      .filter(
        (d) =>
          (d.sourcing as { last_contract_method?: string } | undefined)?.last_contract_method ===
          'SS',
      )
      .flatMap((d) => {
        const candidates = made
          .filter((c) => c.originator !== 'USA' && c.fields.item_code?.value === d.item_code)
          .map((c) => ({ nation: c.originator, ...plain(c) }) as Record<string, unknown>)
          .filter((c) => compact(c.supplier) !== compact(d.supplier))
          .map((c) => ({
            nation: c.nation,
            supplier: c.supplier,
            place: (c.place as { text: string }).text,
            title: c.title,
            state: c.qualified_for ? 'qualified' : 'candidate, not qualified',
          }))
        if (candidates.length === 0) return []
        const { item_code, title, supplier, place } = d
        return [{ item_code, title, supplier, place: (place as { text: string }).text, candidates }]
      })
    expect(rows).toEqual(expected['second-sources'].rows)
  })

  test('the compared record has exactly the fields that the answer speaks of', () => {
    const record = drafts().find((d) => d.fields.title?.value === expected.why.record)
    expect(Object.keys(record?.fields ?? {}).sort()).toEqual(
      Object.keys(expected.why.fields).sort(),
    )
  })
})

describe('facts against the sources', () => {
  const present = existsSync(shared)
  if (!present)
    process.stdout.write('skipped: 6 checks of example facts, ../shared/data is absent\n')

  const textsOf = (cells: ReadonlyMap<string, Cell>) =>
    Object.fromEntries([...cells].map(([name, cell]) => [name, [cell].flat().join('; ').trim()]))

  /** Rows by line of the file, or by their `id` column. */
  async function lines(
    path: string,
    base: URL,
    id?: string,
  ): Promise<ReadonlyMap<string, Readonly<Record<string, string>>>> {
    const found = new Map<string, Record<string, string>>()
    const table = await openTable(fileSource(fileURLToPath(new URL(path, base)), path))
    for await (const row of table.rows())
      if ('cells' in row) found.set(String(id ? row.cells.get(id) : row.row), textsOf(row.cells))
    return found
  }

  test
    .skipIf(!present)
    .each<[file: string, source: string, columns: Readonly<Record<string, string>>, id?: string]>([
      [
        'usa/production.csv',
        'production-us-fy2017/fy2017-manufacturers.csv',
        {
          maker: 'manufacturer_name',
          rate_units: 'rate_units',
          min_rate: 'min_sustaining_rate',
          rate_1_8_5: 'rate_1_8_5',
          max_rate: 'max_production_rate',
          reorder_total: 'reorder_total_lead_time_months',
          initial_total: 'initial_total_lead_time_months',
          contract_method: 'contract_method',
          unit_cost: 'last_order_unit_cost',
          unit_cost_units: 'unit_cost_units',
        },
      ],
      [
        'usa/investments.csv',
        'production-us-fy2017/fy2017-rdte-elements.csv',
        { title: 'title', fy2017: 'funding_BudgetYearOne' },
      ],
      [
        'usa/items.csv',
        'production-us-fy2017/fy2017-nsn.csv',
        { nsn: 'nsn', line_item: 'line_item_number' },
      ],
      [
        'usa/agreements.csv',
        'agreements/RDP_QA.csv',
        {
          title: 'Agreement_Name',
          partner: 'ISOalpha3',
          start: 'Agreement_Start',
          amended: 'Latest_Amendment',
        },
      ],
      [
        'can/sites.json',
        'facilities-ca/nrcan_critical_minerals_2026-06-24.json',
        {
          name: 'name',
          operator: 'operator',
          region: 'province',
          stage: 'stage',
          source_status: 'status',
          materials: 'minerals',
        },
        'nrcanObjectId',
      ],
      [
        'aus/sites.csv',
        'facilities-au/australian_operating_mines_2024.csv',
        { name: 'Name', region: 'State', stage: 'Status' },
        'OBJECTID',
      ],
    ])('%s says what the source says', async (file, source, columns, id) => {
    const original = await lines(source, shared, id)
    const rows = [...(await lines(file, examples)).values()]
    for (const row of rows) {
      const from = original.get(row.source_row ?? '')
      for (const [ours, theirs] of Object.entries(columns)) expect(row[ours]).toBe(from?.[theirs])
    }
    process.stdout.write(
      `${file}: ${rows.length} rows × ${Object.keys(columns).length} facts checked\n`,
    )
    expect(rows.length).toBeGreaterThan(40)
  })
})
