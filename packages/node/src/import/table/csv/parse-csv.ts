import { type CsvError, type Options, parse } from 'csv-parse'
import { ImportError } from '../../import-error.ts'
import { maxColumns, maxRowChars } from '../limits.ts'
import type { LooseRow } from '../name-columns.ts'
import { unifyLineEnds } from '../read-text.ts'

/** How a CSV file separates and quotes. */
export interface Dialect {
  readonly delimiter: string
  readonly quote: string
}

/** Blanks around a cell are no part of it, unless it is quoted: `1, "a, b"` has two cells. */
export const parserOptions = ({ delimiter, quote }: Dialect) =>
  ({
    delimiter,
    quote,
    escape: quote,
    record_delimiter: '\n',
    trim: true,
    relax_column_count: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
  }) satisfies Options

/** Errors in a row from which on a file is read no further: each stray quote costs as much as its cell is long. */
const maxRowErrors = 100

/** Counts errors as they come. @returns whether the row of the last one has more than it may */
export function rowErrorLimit(): (error: CsvError) => boolean {
  let [row, count] = [0, 0]
  return (error) => {
    const line = lineOf(error)
    count = line === row ? count + 1 : 1
    row = line
    return count > maxRowErrors
  }
}

/** Characters in which a row must have ended: its text with every quote doubled, and quotes and delimiters of its cells. */
const maxSourceChars = 2 * maxRowChars + 3 * maxColumns

/**
 * Rows of a CSV file, by the line on which they end; blank lines are left out. A quote inside a bare cell spoils its
 * row alone.
 * @throws {ImportError} `CSV_SYNTAX` for a quoted cell that does not end well or a row with more than a hundred stray
 *   quotes, `ROW_TOO_LARGE`, `TOO_MANY_COLUMNS`:
 *   after these it is uncertain where rows begin
 */
export async function* parseCsv(
  text: AsyncIterable<string>,
  dialect: Dialect,
  name: string,
): AsyncGenerator<LooseRow> {
  const rows: LooseRow[] = []
  let lastLine = 0
  let count = 0
  const hasTooMany = rowErrorLimit()
  const found = (row: LooseRow): void => {
    lastLine = row.row
    count += 1
    rows.push(row)
  }
  const parser = parse({
    ...parserOptions(dialect),
    max_record_size: maxRowChars,
    on_record: (cells: string[], { lines }) => {
      found({ row: lines, cells })
      return null
    },
    on_skip: (error) => {
      if (!error) return undefined
      if (error.code !== 'INVALID_OPENING_QUOTE') throw fatal(error, name, lastLine)
      const row = lineOf(error)
      if (hasTooMany(error)) throw strayQuote(name, row)
      // One error a row is enough.
      if (lastLine !== row) found({ row, error: strayQuote(name, row) })
      return undefined
    },
  })
  const feed = feeder(parser)
  let progress = -1
  let since = 0
  for await (const part of unifyLineEnds(text)) {
    await feed(part)
    if (count + parser.info.empty_lines === progress) since += part.length
    else since = 0
    progress = count + parser.info.empty_lines
    if (since > maxSourceChars) throw tooManyColumns(name, lastLine)
    yield* rows.splice(0)
  }
  await feed(null)
  yield* rows.splice(0)
}

/** Hands text to a parser piece by piece, null for its end; resolves when all of it has been parsed. */
function feeder(parser: ReturnType<typeof parse>): (part: string | null) => Promise<void> {
  // An error comes by the callback as well.
  parser.on('error', () => {})
  return (part) =>
    new Promise((resolve, reject) => {
      const done = (error?: Error | null) => (error ? reject(error) : resolve())
      if (part === null) parser.end(done)
      else parser.write(part, done)
    })
}

const lineOf = ({ lines }: CsvError): number => (typeof lines === 'number' ? lines : 0)

const strayQuote = (name: string, line: number): ImportError =>
  new ImportError(
    'CSV_SYNTAX',
    `${name}, line ${line}: a quote stands inside a cell that does not begin with one; quote the whole cell and double the quotes in it`,
  )

function fatal(error: CsvError, name: string, lastLine: number): ImportError {
  if (error.code === 'CSV_MAX_RECORD_SIZE')
    return new ImportError(
      'ROW_TOO_LARGE',
      `${name}: the row after line ${lastLine} has more than ${maxRowChars} characters; close its quotes, or name \`delimiter\` and \`quote\``,
    )
  return new ImportError(
    'CSV_SYNTAX',
    error.code === 'CSV_QUOTE_NOT_CLOSED'
      ? `${name}: the row after line ${lastLine} opens a quote that is never closed; close it, or name another \`quote\``
      : `${name}, line ${lineOf(error)}: text stands behind the quote that closes a cell; double the quotes inside the cell`,
  )
}

const tooManyColumns = (name: string, lastLine: number): ImportError =>
  new ImportError(
    'TOO_MANY_COLUMNS',
    `${name}: the row after line ${lastLine} has more than ${maxColumns} columns; split the table, or name its \`delimiter\``,
  )
