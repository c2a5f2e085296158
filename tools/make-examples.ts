// Derives examples/ from ../shared/data: facts only, no prose. Run: node tools/make-examples.ts
import { pick, type Row, table, writeCsv } from './example-files.ts'
import { budget, production } from './example-production.ts'
import { australianSites, canadianSites } from './example-sites.ts'
import { exerciseTables } from './exercise-rows.ts'

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
