import { nationOfPlace } from '../packages/node/src/import/values/place.ts'
import { pick, type Row, table, writeCsv } from './example-files.ts'
import { exerciseTables } from './exercise-rows.ts'

const placeholder =
  /^(tbd|tbs|unknown|unkown|various|varioius|multiple|n\/?a|to be selected|see end item)/i
// A code in front of a part (`DA13 BLACK POWDER`) is that of the round it goes into: two makers of its parts are no second source.
const codeIn = (element: string): string =>
  (/\b(AN\/[A-Z]{2,3}-\d+[A-Z]?|A\/P22P-14)/.exec(element) ??
    /\(([A-Z]{2}\d{2}|[A-Z]\d{3})\)\s*$/.exec(element) ??
    /^\(([A-Z]{2}\d{2}|[A-Z]\d{3})\)/.exec(element) ??
    /^([A-Z]{2}\d{2}|[A-Z]\d{3}),? COMPLETE\b/i.exec(element) ??
    /\b(MK-\d+)\b/.exec(element))?.[1] ?? ''

/** Columns that the sources do not have: invented for the exercise, so that national and bilateral fields exist everywhere. */
const exerciseColumns = (key: string): Row => ({
  exercise_capacity_available_pct: String(5 * pick(`${key}/capacity`, 13)),
  exercise_demand_per_year: String(10 * (1 + pick(`${key}/demand`, 90))),
  exercise_owner_contact: `Exercise desk ${1 + pick(`${key}/desk`, 9)}`,
})

export const budget = 'US DoD FY2017 President’s Budget, procurement line items'

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

/** What was last bought sole-source, its makers abroad, and what partners make. */
export async function production(): Promise<void> {
  const makers = await table('production-us-fy2017/fy2017-manufacturers.csv')
  const rows: readonly Row[] = makers.map((r) => capabilityRow('USA', r))
  const elementKey = (r: Row) => [r.agency, r.line_item, r.element_number, r.element].join('|')
  writeCsv(
    'usa/production.csv',
    lastOrdered(rows, elementKey).filter((r) => r.contract_method === 'SS'),
  )

  const place = (r: Row) =>
    r.place === 'MONTREAL, CN' ? 'CAN' : nationOfPlace(r.place ?? '', 'USA')
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
      .filter((r) => r.country === name && r.production_2024_raw !== '—')
      .map((r) =>
        nationalTotal(
          nation,
          'USGS Mineral Commodity Summaries 2026, world production',
          '2025-12-31',
          r,
          {
            element: `${r.commodity}: ${r.measure} 2024, national total`,
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
