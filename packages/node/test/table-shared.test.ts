import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test, vi } from 'vitest'
import { fileSource, type TableOptions } from '../src/import/table/table.ts'
import { read, refusal } from './table-fixture.ts'

// Processes start slowly on a busy machine.
vi.setConfig({ testTimeout: 60_000 })

const shared = fileURLToPath(new URL('../../../../shared/data/', import.meta.url))
const present = existsSync(shared)

/** Rows as the README of the data counts them; where it counts what is no row, the difference is explained. */
const files: [path: string, rows: number, options: TableOptions][] = [
  ['production-us-fy2017/fy2017-manufacturers.csv', 4320, {}],
  ['production-us-fy2017/fy2017-line-items.csv', 894, {}],
  ['production-us-fy2017/fy2017-nsn.csv', 196, {}],
  ['production-us-fy2017/fy2017-dmsms.csv', 839, {}],
  ['production-us-fy2017/fy2017-allied.csv', 187, {}],
  ['production-us-fy2017/fy2017-rdte-elements.csv', 808, {}],
  ['agreements/RDP_QA.csv', 43, {}],
  ['reference/csis_country_codes.csv', 348, {}],
  ['reference/dsca_fms_buyer_codes.csv', 195, {}],
  ['reference/psc_fsc_codes.csv', 3584, {}],
  ['reference/iso_country_codes.csv', 249, {}],
  ['reference/uk_report_summary_subjects.csv', 1052, {}],
  ['reference/uk_report_summary_prefixes.csv', 38, {}],
  // Without a header: the first row is taken for one.
  ['regimes/MTCR_Cat_1_regimes.csv', 23 - 1, {}],
  ['regimes/MTCR_Cat_2_regimes.csv', 241 - 1, {}],
  ['export-control/ccl.json', 633, { rows: 'entries' }],
  ['export-control/license-exception-catalog.json', 27, { rows: 'exceptions' }],
  ['facilities-au/Australian_Operating_Mines_2024.xlsx', 517, {}],
  ['facilities-au/australian_operating_mines_2024.csv', 517, {}],
  ['facilities-ca/nrcan_critical_minerals_2026-06-24.json', 291, {}],
  ['minerals/usgs_country_production_2015.csv', 1208, {}],
  // Five rows at its end have no text.
  ['minerals/usgs_notes_by_element.csv', 67 - 5, {}],
  ['minerals/mcs2026_us_import_reliance.csv', 7, {}],
  ['minerals/mcs2026_us_import_sources.csv', 35, {}],
  ['minerals/mcs2026_world_production.csv', 73, {}],
]

if (!present)
  process.stdout.write(`skipped: ${files.length + 3} checks of real tables, no ../shared\n`)

describe.skipIf(!present)('a table that others published', () => {
  test.each(files)('%s has %i rows and no errors', async (path, count, options) => {
    const { info, rows, errors } = await read(fileSource(shared + path, path), options)
    expect(errors).toEqual([])
    expect(rows).toHaveLength(count)
    expect(info.encodingGuessed).toBe(false)
  })

  test.each(['export-control/country-chart.json', 'export-control/country-groups.json'])(
    '%s is refused: its rows are members of an object',
    async (path) => {
      expect(await refusal(fileSource(shared + path, path))).toMatchObject({ code: 'NOT_A_TABLE' })
    },
  )

  test('has the same mines as a workbook and as CSV', async () => {
    const open = (name: string) => read(fileSource(`${shared}facilities-au/${name}`, name))
    const workbook = await open('Australian_Operating_Mines_2024.xlsx')
    const csv = await open('australian_operating_mines_2024.csv')
    const same = ({ rows }: typeof csv) =>
      rows.map(({ row, cells }) => ({
        row,
        cells: Object.entries(cells).map(([name, cell]) => [name, sameText(cell)]),
      }))
    expect(workbook.info.columns).toEqual(csv.info.columns)
    expect(same(workbook)).toEqual(same(csv))
  })
})

/** Numbers to 15 digits, as spreadsheet programs show them; blanks around a bare cell are no part of it in CSV. */
function sameText(cell: unknown): unknown {
  if (typeof cell !== 'string') return cell
  return /^-?\d+(\.\d+)?$/.test(cell) ? Number(cell).toPrecision(15) : cell.trim()
}
