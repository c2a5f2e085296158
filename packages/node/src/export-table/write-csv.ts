import type { Writable } from 'node:stream'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { stringify } from 'csv-stringify'
import { maxRowChars } from '../import/table/limits.ts'
import { ExportError } from './export-error.ts'
import type { TableRows } from './table-rows.ts'

/**
 * Writes rows as CSV: UTF-8 with a byte order mark, by which spreadsheet programs know it; commas; lines end as the RFC
 * says; a cell with a line break, quote, comma, semicolon or tab in it is quoted.
 * @throws {ExportError} `CELL_TOO_LARGE` for a row longer than import reads
 * @see RFC 4180
 */
export async function writeCsv({ columns, rows }: TableRows, to: Writable): Promise<void> {
  const csv = stringify({ bom: true, record_delimiter: '\r\n', quoted_match: /[;\t\r\n]/ })
  await pipeline(Readable.from(lines()), csv, to)

  function* lines(): Generator<readonly string[]> {
    yield columns
    for (const { id, cells } of rows()) {
      const line = columns.map((column) => cells.get(column) ?? '')
      const size = line.reduce((sum, cell) => sum + cell.length, 0)
      if (size > maxRowChars)
        throw new ExportError(
          'CELL_TOO_LARGE',
          `${id}: ${size} characters are more than a row of a table can have; leave it out with --where`,
        )
      yield line
    }
  }
}
