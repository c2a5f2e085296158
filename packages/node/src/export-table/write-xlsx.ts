import { once } from 'node:events'
import type { WriteStream } from 'node:fs'
import { setImmediate as turn } from 'node:timers/promises'
import { maxCellChars, maxSheetRows } from '../import/table/limits.ts'
import { ExportError } from './export-error.ts'
import type { TableRows } from './table-rows.ts'

/** Rows between two looks at whether the disk keeps up. */
const batchSize = 256

/**
 * Writes rows as the one sheet of a workbook. Every cell is text and stays so when it is edited: nothing is rounded, no
 * date or leading zero lost. The line of names stays in sight and has filters; nobody is warned that
 * numbers are text.
 * @throws {ExportError} `CELL_TOO_LARGE`, `TOO_MANY_ROWS`
 */
export async function writeXlsx(
  { sheet, columns, rows }: TableRows,
  to: WriteStream,
): Promise<void> {
  // Large, and seldom needed.
  const { WorkbookWriter } = await import('@cj-tech-master/excelts')
  const book = new WorkbookWriter({
    stream: to,
    useSharedStrings: false,
    useStyles: true,
    trueStreaming: true,
  })
  book.creator = 'Entente'
  const page = book.addWorksheet(sheet, { views: [{ state: 'frozen', ySplit: 1 }] })
  page.columns = columns.map((name) => ({ width: widthOf(name), style: { numFmt: '@' } }))
  page.ignoredErrors = [{ ref: 'A1:XFD1048576', numberStoredAsText: true }]
  page.autoFilter = { from: { row: 1, col: 1 }, to: { row: 1, col: columns.length } }
  const head = page.addRow(columns.map(escapeXml))
  head.font = { bold: true }
  head.commit()
  try {
    let count = 1
    for (const { id, cells } of rows()) {
      if (++count > maxSheetRows)
        throw new ExportError(
          'TOO_MANY_ROWS',
          `a sheet holds ${maxSheetRows} rows; write .csv, or fewer records with --where`,
        )
      page.addRow(columns.map((column) => cellOf(cells.get(column), column, id))).commit()
      if (count % batchSize === 0) {
        await turn()
        if (to.writableNeedDrain) await once(to, 'drain')
      }
    }
    page.commit()
    await book.commit()
    if (!to.writableFinished) await once(to, 'finish')
  } catch (error) {
    to.destroy()
    throw error
  }
}

function cellOf(text: string | undefined, column: string, id: string): string | undefined {
  if (text !== undefined && text.length > maxCellChars)
    throw new ExportError(
      'CELL_TOO_LARGE',
      `${column} of ${id} has ${text.length} characters, more than a cell of a workbook can hold; write .csv`,
    )
  return text === undefined ? undefined : escapeXml(text)
}

/** `_x0041_` means a character by its number. @see ECMA-376 part 1, section 22.9.2.19 */
const escapeXml = (text: string): string => text.replace(/_(?=x[0-9A-Fa-f]{4}_)/g, '_x005F_')

/** Wide enough for what most such columns hold, in characters. */
function widthOf(name: string): number {
  if (name === 'entente.id' || name === 'entente.version') return 14
  return Math.min(40, Math.max(14, name.length + 4))
}
