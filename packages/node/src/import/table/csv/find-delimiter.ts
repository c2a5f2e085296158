import { parse } from 'csv-parse/sync'
import { parserOptions, rowErrorLimit } from './parse-csv.ts'

const candidates = [',', ';', '\t', '|']

/**
 * The delimiter by which most rows have as many cells as the header, and more than one; of equals the one that makes
 * more columns. A comma where none does: the table has one column.
 * @param sample start of the file, with line feeds as line ends
 * @param whole the sample is all of the file; else its last row is cut
 * @param headerRow line of the header, from 1
 */
export function findDelimiter(
  sample: string,
  whole: boolean,
  quote: string,
  headerRow: number,
): string {
  const text = whole ? sample : sample.slice(0, sample.lastIndexOf('\n') + 1) || sample
  let best = { delimiter: ',', rows: 0, columns: 1 }
  for (const delimiter of candidates) {
    if (delimiter === quote) continue
    const [columns = 0, ...others] = widthsOf(text, { delimiter, quote }, headerRow)
    const rows = 1 + others.filter((width) => width === columns).length
    if (columns > 1 && (rows > best.rows || (rows === best.rows && columns > best.columns)))
      best = { delimiter, rows, columns }
  }
  return best.delimiter
}

/** Cells of each row from the header on, without rows that cannot be read; up to one that has too many errors. */
function widthsOf(
  text: string,
  dialect: { readonly delimiter: string; readonly quote: string },
  headerRow: number,
): readonly number[] {
  const widths: number[] = []
  const hasTooMany = rowErrorLimit()
  const stopped = new Error('a row has too many errors')
  try {
    parse(text, {
      ...parserOptions(dialect),
      on_record: (cells: string[], { lines }) => {
        if (lines >= headerRow && cells.some((cell) => cell !== '')) widths.push(cells.length)
        return null
      },
      on_skip: (error) => {
        if (error && hasTooMany(error)) throw stopped
        return undefined
      },
    })
  } catch (error) {
    if (error !== stopped) throw error
  }
  return widths
}
