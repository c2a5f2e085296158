import { pick, type Row, table, write, writeCsv } from './example-files.ts'

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

/** Mines, plants and processing projects of Canada: all of the inventory but its exploration projects. */
export async function canadianSites(): Promise<void> {
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
  write('can/sites.json', `${JSON.stringify(entries, null, 2)}\n`, entries.length)
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

/** Australian mines of the critical-mineral commodity groups. */
export async function australianSites(): Promise<void> {
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
