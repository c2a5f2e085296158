// Derives examples/ from ../shared/data: facts only, no prose. Run: node tools/make-examples.ts
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { nationOfPlace } from '../packages/node/src/import/place.ts'
import { readRows } from '../packages/node/src/import/read-rows.ts'
import { exerciseTables } from './exercise-rows.ts'

const data = new URL('../../shared/data/', import.meta.url)
const out = new URL('../examples/', import.meta.url)

type Row = Record<string, string>

async function table(path: string): Promise<readonly Row[]> {
  const rows: Row[] = []
  for await (const row of readRows({ name: path, bytes: readFileSync(new URL(path, data)) })) {
    if ('error' in row) throw row.error
    const cells = [...row.cells].map(([name, cell]) => [
      name,
      typeof cell === 'string' ? cell : cell.join('; '),
    ])
    rows.push({ ...Object.fromEntries(cells), source_row: String(row.row) })
  }
  return rows
}

/** A small number that depends on the row alone, so that a second run writes the same bytes. */
const pick = (key: string, below: number): number =>
  [...key].reduce((hash, c) => Math.imul(hash ^ c.charCodeAt(0), 16777619) >>> 0, 2166136261) %
  below

const csvCell = (text: string): string =>
  /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text

function writeCsv(path: string, rows: readonly Row[]): void {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  const lines = [columns, ...rows.map((row) => columns.map((c) => row[c] ?? ''))].map((line) =>
    line.map(csvCell).join(','),
  )
  write(path, `${lines.join('\n')}\n`, rows.length)
}

function write(path: string, text: string, rows: number): void {
  const file = new URL(path, out)
  mkdirSync(new URL('.', file), { recursive: true })
  writeFileSync(file, text)
  process.stdout.write(`${String(rows).padStart(5)}  ${path}\n`)
}

const placeholder =
  /^(tbd|tbs|unknown|unkown|various|varioius|multiple|n\/?a|to be selected|see end item)/i
const codeIn = (element: string): string =>
  (/\b(AN\/[A-Z]{2,3}-\d+[A-Z]?|A\/P22P-14)/.exec(element) ??
    /\(([A-Z]{2}\d{2}|[A-Z]\d{3})\)\s*$/.exec(element) ??
    /^\(([A-Z]{2}\d{2}|[A-Z]\d{3})\)/.exec(element) ??
    /^([A-Z]{2}\d{2}|[A-Z]\d{3})\b/.exec(element) ??
    /\b(MK-\d+)\b/.exec(element))?.[1] ?? ''

/** Columns that the sources do not have: invented for the exercise, so that national and bilateral fields exist everywhere. */
const exerciseColumns = (key: string): Row => ({
  exercise_capacity_available_pct: String(5 * pick(`${key}/capacity`, 13)),
  exercise_demand_per_year: String(10 * (1 + pick(`${key}/demand`, 90))),
  exercise_owner_contact: `Exercise desk ${1 + pick(`${key}/desk`, 9)}`,
})

const budget = 'US DoD FY2017 President’s Budget, procurement line items'

function capabilityRow(originator: string, r: Row): Row {
  const [, number = '', name = ''] =
    /^(?:(\d+(?:\.\d+)*)[.)]+\s*)?(.*)$/.exec((r.cost_element ?? '').trim()) ?? []
  const element = name || (r.line_item_title ?? '')
  return {
    originator,
    source: budget,
    source_row: r.source_row ?? '',
    as_of: '2016-02-09',
    agency: r.service_agency ?? '',
    line_item: r.line_item_number ?? '',
    line_item_title: r.line_item_title ?? '',
    element_number: number,
    element,
    item_code: codeIn(element),
    materials: '',
    scope: 'maker',
    maker: r.manufacturer_name ?? '',
    place: (r.manufacturer_location ?? '').trim(),
    rate_units: r.rate_units ?? '',
    min_rate: r.min_sustaining_rate ?? '',
    rate_1_8_5: r.rate_1_8_5 ?? '',
    max_rate: r.max_production_rate ?? '',
    initial_admin: r.initial_admin_lead_time_months ?? '',
    initial_production: r.initial_production_lead_time_months ?? '',
    initial_total: r.initial_total_lead_time_months ?? '',
    reorder_admin: r.reorder_admin_lead_time_months ?? '',
    reorder_production: r.reorder_production_lead_time_months ?? '',
    reorder_total: r.reorder_total_lead_time_months ?? '',
    contract_method: r.contract_method ?? '',
    last_order: r.last_order_award_date ?? '',
    unit_cost: r.last_order_unit_cost ?? '',
    unit_cost_units: r.unit_cost_units ?? '',
    output: '',
    output_unit: '',
    qualified_for: '',
    ...exerciseColumns(`${originator}${r.line_item_number}${element}${r.manufacturer_name}`),
  }
}

/** Of the rows with one key, the one ordered last. An order from nobody yet (`TBD`) is a plan: it counts only if there is no other. */
function lastOrdered(rows: readonly Row[], key: (row: Row) => string): readonly Row[] {
  const rank = (r: Row) =>
    `${r.contract_method === '' ? 0 : 1}${placeholder.test(r.maker ?? '') ? 0 : 1}${r.last_order}${r.contract_method === 'SS' ? 0 : 1}`
  return [...Map.groupBy(rows, key).values()].map((same) =>
    same.reduce((best, row) => (rank(row) >= rank(best) ? row : best)),
  )
}

function nationalTotal(originator: string, source: string, asOf: string, r: Row, facts: Row): Row {
  const empty = Object.fromEntries(Object.keys(capabilityRow(originator, {})).map((c) => [c, '']))
  return {
    ...empty,
    originator,
    source,
    source_row: r.source_row ?? '',
    as_of: asOf,
    scope: 'national total',
    ...facts,
  }
}

const elements: Row = {
  N: 'nitrogen',
  K: 'potassium',
  Ca: 'calcium',
  Ba: 'barite',
  W: 'tungsten',
  Fe: 'iron ore',
  Cd: 'cadmium',
  Hg: 'mercury',
}
const usgsUnits: Row = {}
const names: Row = { AUS: 'Australia', CAN: 'Canada', GBR: 'United Kingdom', NOR: 'Norway' }

async function production(): Promise<void> {
  const makers = await table('production-us-fy2017/fy2017-manufacturers.csv')
  const rows: readonly Row[] = makers.map((r) => capabilityRow('USA', r))
  const elementKey = (r: Row) => [r.agency, r.line_item, r.element_number, r.element].join('|')
  writeCsv(
    'usa/production.csv',
    lastOrdered(rows, elementKey).filter((r) => r.contract_method === 'SS'),
  )

  const place = (r: Row) => (r.place === 'MONTREAL, CN' ? 'CAN' : nationOfPlace(r.place ?? ''))
  const named = rows.filter((r) => !placeholder.test(r.maker ?? ''))
  const abroad = named.filter((r) => ![undefined, 'USA', 'GUM'].includes(place(r)))
  const suppliers = Map.groupBy(abroad, (r) => `${r.maker}|${r.place}`)
  writeCsv(
    'usa/suppliers.csv',
    [...suppliers.values()].map((of) => ({
      originator: 'USA',
      source: budget,
      source_row: of[0]?.source_row ?? '',
      as_of: '2016-02-09',
      maker: of[0]?.maker ?? '',
      place: of[0]?.place ?? '',
      nation: (of[0] && place(of[0])) ?? '',
      products: [...new Set(of.map((r) => r.element ?? ''))].join('; '),
      exercise_owner_contact: `Exercise desk ${1 + pick(of[0]?.maker ?? '', 9)}`,
      exercise_risk_note: `Exercise: dependence class ${1 + pick(of[0]?.place ?? '', 4)}`,
    })),
  )

  // The records that the demonstration compares stay the USA's alone.
  const usaOnly = ['AN/ASQ-235', 'MK-58', 'A/P22P-14']
  const makerKey = (r: Row) => [elementKey(r), r.maker, r.place].join('|')
  const ofNation = (nation: string) =>
    lastOrdered(
      abroad.filter((r) => place(r) === nation && !usaOnly.includes(r.item_code ?? '')),
      makerKey,
    ).map((r) => ({ ...r, originator: nation }))
  const totals = await nationalTotals()
  const exercise = exerciseTables.capabilities.map((facts) => ({
    ...nationalTotal(facts.originator ?? '', 'exercise', '2026-07-01', {}, {}),
    ...facts,
    ...exerciseColumns(`${facts.originator}${facts.element}`),
    scope: 'maker',
  }))
  for (const nation of ['AUS', 'CAN', 'GBR', 'NOR']) {
    const own = (r: Row) => r.originator === nation
    writeCsv(`${nation.toLowerCase()}/production.csv`, [
      ...ofNation(nation),
      ...totals.filter(own),
      ...exercise.filter(own),
    ])
  }
}

async function nationalTotals(): Promise<readonly Row[]> {
  const world = await table('minerals/mcs2026_world_production.csv')
  const sources = await table('minerals/mcs2026_us_import_sources.csv')
  const usgs2015 = await table('minerals/usgs_country_production_2015.csv')
  for (const note of await table('minerals/usgs_notes_by_element.csv'))
    usgsUnits[note.Element ?? ''] = (note.Notes ?? '')
      .replace(/^Production figures in /i, '')
      .trim()
  return Object.entries(names).flatMap(([nation, name]) => [
    ...world
      .filter((r) => r.country === name)
      .map((r) =>
        nationalTotal(
          nation,
          'USGS Mineral Commodity Summaries 2026, world production',
          '2025-12-31',
          r,
          {
            element: `${r.commodity}: ${r.measure}, national total`,
            materials: r.commodity ?? '',
            place: name,
            output: r.production_2024_raw ?? '',
            output_unit: r.unit ?? '',
          },
        ),
      ),
    ...sources
      .filter((r) => r.country === name)
      .map((r) =>
        nationalTotal(
          nation,
          'USGS Mineral Commodity Summaries 2026, US import sources',
          '2025-12-31',
          r,
          {
            element: `${r.commodity}: ${r.category}, ${r.share_pct} % of US imports ${r.period}`,
            materials: r.commodity ?? '',
            place: name,
          },
        ),
      ),
    ...usgs2015
      .filter(
        (r) =>
          r.Country === name &&
          r.Production &&
          elements[r.Element ?? ''] &&
          ['GBR', 'NOR'].includes(nation),
      )
      .map((r) =>
        nationalTotal(nation, 'USGS country production 2015', '2015-12-31', r, {
          element: `${elements[r.Element ?? '']}: production 2015, national total`,
          materials: elements[r.Element ?? ''] ?? '',
          place: name,
          output: String(Number(r.Production)),
          output_unit: usgsUnits[r.Element ?? ''] || 'as published',
        }),
      ),
  ])
}

async function items(): Promise<void> {
  const rows = await table('production-us-fy2017/fy2017-nsn.csv')
  const clean = (title: string) =>
    title
      .replace(/\(?(NSN:?\s*)?\d{4}-\d{2}-\d{3}-\d{4}\)?/g, '')
      .replace(/^[\d.]+\)\s*/, '')
      .replace(/[\s,:-]+$/, '')
      .trim()
  writeCsv(
    'usa/items.csv',
    rows.map((r) => ({
      originator: 'USA',
      source: budget,
      source_row: r.source_row ?? '',
      as_of: '2016-02-09',
      nsn: r.nsn ?? '',
      name: clean(r.nearest_title ?? '') || (r.line_item_title ?? ''),
      line_item: r.line_item_number ?? '',
      line_item_title: r.line_item_title ?? '',
      exercise_demand_per_year: String(1 + pick(`${r.nsn}/d`, 400)),
      exercise_stock: String(pick(`${r.nsn}/s`, 900)),
    })),
  )
}

async function investments(): Promise<void> {
  const rows = await table('production-us-fy2017/fy2017-rdte-elements.csv')
  writeCsv(
    'usa/investments.csv',
    rows
      .filter((r) => Number(r.funding_BudgetYearOne) >= 10)
      .map((r) => ({
        originator: 'USA',
        source: 'US DoD FY2017 President’s Budget, RDT&E programme elements',
        source_row: r.source_row ?? '',
        as_of: '2016-02-09',
        agency: r.service_agency ?? '',
        program_element: r.program_element ?? '',
        title: r.title ?? '',
        fy2017: r.funding_BudgetYearOne ?? '',
        monetary_unit: r.monetary_unit ?? '',
        exercise_priority: String(1 + pick(r.program_element ?? '', 5)),
      })),
  )
}

async function gaps(): Promise<void> {
  const reliance = await table('minerals/mcs2026_us_import_reliance.csv')
  const sources = await table('minerals/mcs2026_us_import_sources.csv')
  const usa = reliance.map((r) => ({
    originator: 'USA',
    source: 'USGS Mineral Commodity Summaries 2026',
    source_row: r.source_row ?? '',
    as_of: '2025-12-31',
    title: `Import reliance: ${r.commodity}`,
    gap_kind: 'import-reliance',
    materials: r.commodity ?? '',
    import_reliance_pct: r.nir_2025e_raw ?? '',
    main_sources: sources
      .filter((s) => s.commodity === r.commodity && s.country !== 'other')
      .map((s) => `${s.country} ${s.share_pct} %`)
      .join('; '),
    import_period: '2021-24',
  }))
  const columns = Object.fromEntries(Object.keys(usa[0] ?? {}).map((c) => [c, '']))
  for (const nation of ['AUS', 'CAN', 'GBR', 'NOR', 'USA']) {
    const exercise = exerciseTables.gaps
      .filter((r) => r.originator === nation)
      .map((r) => ({ ...columns, source: 'exercise', as_of: '2026-07-01', ...r }))
    const rows = [...(nation === 'USA' ? usa : []), ...exercise].map((r: Row) => ({
      ...r,
      exercise_severity: String(1 + pick(r.title ?? '', 5)),
      exercise_mission_impact: `Exercise: impact class ${1 + pick(`${r.title}/m`, 4)}`,
      exercise_owner_contact: `Exercise desk ${1 + pick(`${r.title}/o`, 9)}`,
    }))
    writeCsv(`${nation.toLowerCase()}/gaps.csv`, rows)
  }
}

async function agreements(): Promise<void> {
  const rows = await table('agreements/RDP_QA.csv')
  for (const nation of ['AUS', 'CAN', 'GBR', 'NOR', 'USA'])
    writeCsv(
      `${nation.toLowerCase()}/agreements.csv`,
      rows
        .filter((r) => nation === 'USA' || r.ISOalpha3 === nation)
        .map((r) => ({
          originator: nation,
          source: 'CSIS Lookup-Tables, RDP_QA',
          source_row: r.source_row ?? '',
          as_of: '2021-12-31',
          title: r.Agreement_Name ?? '',
          partner: r.ISOalpha3 ?? '',
          agreement_type: r.IsRDP === 'TRUE' ? 'RDP' : r.IncludesQA === 'TRUE' ? 'QA' : 'MOU',
          quality_assurance: r.IncludesQA ?? '',
          start: r.Agreement_Start ?? '',
          amended: r.Latest_Amendment ?? '',
          exercise_number: `EX-${1000 + pick(`${nation}${r.source_row}`, 9000)}`,
          exercise_negotiation_position: `Exercise: position ${1 + pick(`${nation}${r.Agreement_Start}`, 5)}`,
        })),
    )
}

/** Nations of ultimate parents that the operator's name makes public; not in the source file, so an exercise column. */
const parents: Row = {
  'Vale S.A.': 'BRA',
  'Glencore Canada Corporation': 'CHE',
  'Impala Canada Ltd.': 'ZAF',
  'Canadian Royalties Inc.': 'CHN',
  'Sherritt International Corporation / General Nickel Company S.A.': 'CUB',
  'Hunan Nonferrous Metals Corporation Limited': 'CHN',
  'K+S Potash Canada': 'DEU',
  'The Mosaic Company': 'USA',
  'Alcoa Corporation': 'USA',
  'Rio Tinto Group': 'GBR',
}

const siteExercise = (key: string): Row => ({
  exercise_capacity_available_pct: String(5 * pick(`${key}/c`, 13)),
  exercise_critical_node: pick(`${key}/n`, 8) === 0 ? 'true' : 'false',
})

async function canadianSites(): Promise<void> {
  const rows = await table('facilities-ca/nrcan_critical_minerals_2026-06-24.json')
  const sites = rows.filter((r) => r.stage !== 'Advanced Project')
  const entries = sites.map((r) => ({
    originator: 'CAN',
    source: 'NRCan critical minerals inventory',
    source_row: r.nrcanObjectId,
    as_of: '2026-06-24',
    name: r.name,
    operator: r.operator,
    exercise_parent_nation: parents[r.operator ?? ''] ?? '',
    region: r.province,
    place: `${r.province}, Canada`,
    latitude: r.latitude,
    longitude: r.longitude,
    stage: r.stage,
    process: r.developmentStage,
    source_status: r.status,
    operating_status:
      r.status !== 'Active'
        ? 'suspended'
        : r.stage?.startsWith('Advanced')
          ? 'developing'
          : 'operating',
    materials: r.minerals?.split('; '),
    materials_basis: 'named',
    ...siteExercise(`CAN${r.nrcanObjectId}`),
  }))
  write(
    'can/sites.json',
    `${JSON.stringify(entries, null, 2)}\n`,
    entries.length,
  )
}

const symbols: Row = {
  Al: 'high-purity alumina',
  Si: 'silicon',
  Ni: 'nickel',
  Co: 'cobalt',
  Cu: 'copper',
  PGE: 'platinum group elements',
  Li: 'lithium',
  Ta: 'tantalum',
  V: 'vanadium',
  Mo: 'molybdenum',
  Ti: 'titanium',
  Zr: 'zirconium',
  REE: 'rare earth elements',
}
const critical = [
  'Battery/Alloy metals',
  'Heavy mineral sands',
  'High-purity elements',
  'Manganese',
  'Magnesium',
  'Tin, Tungsten',
  'Rare earth elements',
  'Graphite',
]

async function australianSites(): Promise<void> {
  const rows = await table('facilities-au/australian_operating_mines_2024.csv')
  const status: Row = { operating: 'operating', developing: 'developing', care: 'suspended' }
  const round = (degrees: string | undefined) => String(Number(Number(degrees).toFixed(4)))
  writeCsv(
    'aus/sites.csv',
    rows.flatMap((r) => {
      const [group = '', list] = (r['Commodity Group'] ?? '').trim().split(' - ')
      if (!critical.includes(group.trim())) return []
      const materials = list
        ? list
            .split(/[(),\s]+/)
            .filter(Boolean)
            .map((s) => symbols[s] ?? s)
        : group.toLowerCase().split(', ')
      return [
        {
          originator: 'AUS',
          source: 'Geoscience Australia, Australian Operating Mines 2024',
          source_row: r.OBJECTID ?? '',
          as_of: '2024-12-31',
          name: r.Name ?? '',
          operator: '',
          exercise_parent_nation: '',
          region: r.State ?? '',
          place: `${r.State?.trim()}, Australia`,
          latitude: round(r.Latitude),
          longitude: round(r.Longitude),
          stage: r.Status ?? '',
          process: '',
          operating_status: status[(r.Status ?? '').toLowerCase().split(' ')[0] ?? ''] ?? '',
          commodity_group: group.trim(),
          materials: materials.join('; '),
          materials_basis: materials.length > 1 ? 'group' : 'named',
          ...siteExercise(`AUS${r.OBJECTID}`),
        },
      ]
    }),
  )
}

function exerciseOnly(): void {
  for (const [name, rows] of [
    ['engagements', exerciseTables.engagements],
    ['alerts', exerciseTables.alerts],
  ] as const)
    for (const nation of ['AUS', 'CAN', 'GBR', 'NOR', 'USA'])
      writeCsv(
        `${nation.toLowerCase()}/${name}.csv`,
        rows
          .filter((r) => r.originator === nation)
          .map((r) => ({ source: 'exercise', as_of: '2026-07-01', ...r })),
      )
}

await production()
await items()
await investments()
await gaps()
await agreements()
await canadianSites()
await australianSites()
exerciseOnly()
