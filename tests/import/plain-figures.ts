import type { Nation } from '@entente/schema'
import { namesNobody, type Plain, standing } from './plain-makers.ts'
import { dataText, plainRows } from './real-data.ts'

/** Figures of an import that a plain script can find out by itself. */
export interface Figures {
  readonly read: number
  readonly created: number
  readonly unchanged: number
  readonly refusals: Readonly<Record<string, number>>
  readonly flags: Readonly<Record<string, number>>
  readonly contradictory: number
}

interface Expected {
  readonly nation: Nation
  readonly file: string
  readonly mapping: string
  /** The file as the README of the data calls it, and the rows that it counts there. */
  readonly inReadme: readonly [name: string, rows: number]
  readonly figures: () => Figures
}

const makersFile = 'production-us-fy2017/fy2017-manufacturers.csv'
const minesFile = 'facilities-au/australian_operating_mines_2024.csv'
const canadaFile = 'facilities-ca/nrcan_critical_minerals_2026-06-24.json'

/** Every import of `examples/public-data`, in the order of its manifest. */
export const expected: readonly Expected[] = [
  usa('production-us-fy2017/fy2017-line-items.csv', 'fy2017-line-items', 894),
  usa(makersFile, 'fy2017-makers', 4_320, makers),
  usa(makersFile, 'fy2017-suppliers', 4_320, suppliers),
  usa('production-us-fy2017/fy2017-nsn.csv', 'fy2017-nsn', 196),
  usa('production-us-fy2017/fy2017-dmsms.csv', 'fy2017-dmsms', 839),
  usa('production-us-fy2017/fy2017-rdte-elements.csv', 'fy2017-rdte', 808),
  usa('agreements/RDP_QA.csv', 'rdp-qa', 43, agreements),
  usa('minerals/usgs_country_production_2015.csv', 'usgs-2015', 1_208, (file) =>
    totals(file, 'Country', ['Other', 'Rest of World', 'Commonwealth of Independent States']),
  ),
  usa('minerals/mcs2026_us_import_reliance.csv', 'mcs2026-import-reliance', 7),
  usa('minerals/mcs2026_us_import_sources.csv', 'mcs2026-import-sources', 35, (file) =>
    totals(file, 'country', ['other']),
  ),
  usa('minerals/mcs2026_world_production.csv', 'mcs2026-world-production', 73, (file) =>
    totals(file, 'country', ['Other countries', 'World total (rounded)']),
  ),
  {
    nation: 'CAN',
    file: canadaFile,
    mapping: 'nrcan',
    inReadme: [canadaFile, 291],
    figures: canada,
  },
  {
    nation: 'AUS',
    file: 'facilities-au/Australian_Operating_Mines_2024.xlsx',
    mapping: 'au-mines',
    inReadme: ['Australian_Operating_Mines_2024.xlsx', 517],
    figures: () => plainly(plainRows(minesFile).length),
  },
  {
    // The same table again, written by another program: not a word of it is news.
    nation: 'AUS',
    file: minesFile,
    mapping: 'au-mines',
    inReadme: ['Australian_Operating_Mines_2024.xlsx, .csv', 517],
    figures: () => {
      const { read, ...rest } = plainly(plainRows(minesFile).length)
      return { ...rest, read, created: 0, unchanged: read }
    },
  },
]

function usa(
  file: string,
  mapping: string,
  rows: number,
  figures: (file: string) => Figures = () => plainly(plainRows(file).length),
): Expected {
  // Some rows of the README name several files, the further ones by what follows the first one's name.
  const name = file.split('/').at(-1)?.replace('mcs2026_us_import_sources', '_us_import_sources')
  return {
    nation: 'USA',
    file,
    mapping,
    inReadme: [name ?? '', rows],
    figures: () => figures(file),
  }
}

/** Every row becomes a record, but for those that are none; so many contradict themselves. */
function plainly(rows: number, { skipped = 0, flagged = 0 } = {}): Figures {
  return {
    read: rows,
    created: rows - skipped,
    unchanged: 0,
    refusals: skipped === 0 ? {} : { NOT_A_RECORD: skipped },
    flags: flagged === 0 ? {} : { CONTRADICTION: flagged },
    contradictory: flagged,
  }
}

function makers(): Figures {
  const rows = plainRows(makersFile)
  const created = standing(rows).size
  const different = new Set(rows.map((row) => JSON.stringify(Object.values(row)))).size
  const cells = ['manufacturer_name', 'manufacturer_location', 'contracting_office']
  const contradictory = rows
    .filter((row) => row['contract_method'] === 'SS')
    .filter((row) => namesNobody(row['manufacturer_name'] ?? '')).length
  return {
    read: rows.length,
    created,
    unchanged: rows.length - different,
    refusals: { DUPLICATE_KEY: different - created },
    flags: {
      PLACEHOLDER: rows.flatMap((row) => cells.map((name) => row[name] ?? '')).filter(namesNobody)
        .length,
      CONTRADICTION: contradictory,
    },
    contradictory: different - created + contradictory,
  }
}

function suppliers(): Figures {
  const rows = plainRows(makersFile)
  const named = rows.filter(({ manufacturer_name: maker = '' }) => !namesNobody(maker))
  const pairs = named.map((row) => `${row['manufacturer_name']} @ ${row['manufacturer_location']}`)
  const created = new Set(pairs).size
  const nowhere = named.filter(({ manufacturer_location: place = '' }) => namesNobody(place))
  return {
    read: rows.length,
    created,
    unchanged: named.length - created,
    refusals: { PLACEHOLDER: rows.length - named.length },
    flags: { PLACEHOLDER: nowhere.length },
    contradictory: 0,
  }
}

function agreements(file: string): Figures {
  const rows = plainRows(file)
  const wrong = rows.filter(
    (row) =>
      (row['Agreement_Name']?.endsWith('(QA)') && row['IsRDP'] === 'TRUE') ||
      row['Present in Treaties in Force'] === 'Disagreement',
  )
  return plainly(rows.length, { flagged: wrong.length })
}

function totals(file: string, column: string, noNations: readonly string[]): Figures {
  const rows = plainRows(file)
  const others = rows.filter((row) => noNations.includes(row[column] ?? ''))
  return plainly(rows.length, { skipped: others.length })
}

function canada(): Figures {
  const rows = JSON.parse(dataText(canadaFile)) as Plain[]
  const past = rows.filter(
    (row) => row['stage'] === 'Producing Mine' && row['developmentStage'] === 'Past producer',
  )
  return plainly(rows.length, { flagged: past.length })
}
