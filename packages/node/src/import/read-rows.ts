import { Readable } from 'node:stream'
import { CsvError, parse } from 'csv-parse'
import { ImportError } from './import-error.ts'

/** Text of a cell; a list only in JSON tables. */
export type Cell = string | readonly string[]

/** One row of a table, or why it is none. `row` is the line of a CSV file on which the row ends, or the place in a JSON array, from 1. */
export type RawRow =
  | { readonly row: number; readonly cells: ReadonlyMap<string, Cell> }
  | { readonly row: number; readonly error: ImportError }

export interface TableFile {
  /** File name; `.json` is read as a JSON array of flat objects, anything else as CSV with a header. */
  readonly name: string
  readonly bytes: AsyncIterable<Uint8Array> | Uint8Array
}

const maxRowChars = 1 << 20
const maxJsonChars = 1 << 26

/**
 * Reads a table row by row. A row that cannot be read is yielded as an error and reading goes on; what spoils
 * the whole file (`NOT_UTF8`, `NOT_JSON`, `NOT_A_TABLE`, `FILE_TOO_LARGE`, `DUPLICATE_COLUMN`) is the last row yielded.
 */
export async function* readRows(file: TableFile): AsyncGenerator<RawRow> {
  let row = 1
  try {
    const rows = file.name.endsWith('.json') ? readJson(file) : readCsv(file)
    for await (const next of rows) {
      row = next.row
      yield next
    }
  } catch (error) {
    if (error instanceof CsvError) yield asRow(error)
    else if (error instanceof ImportError) yield { row, error }
    else throw error
  }
}

async function* readCsv(file: TableFile): AsyncGenerator<RawRow> {
  const skipped: RawRow[] = []
  const parser = parse({
    bom: true,
    info: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
    max_record_size: maxRowChars,
    on_skip: (error) => void (error && skipped.push(asRow(error))),
  })
  let header: readonly string[] | undefined
  const source = Readable.from(textOf(file))
  source.on('error', (error) => parser.destroy(error))
  for await (const { record, info } of source.pipe(parser) as AsyncIterable<CsvRow>) {
    // The parser reads ahead: rows it skipped further down wait for their turn.
    while (skipped[0] && skipped[0].row < info.lines) {
      yield skipped.shift() as RawRow
      // A header that cannot be read must not hand its place to the first row.
      if (!header) return
    }
    if (header)
      yield { row: info.lines, cells: new Map(header.map((name, i) => [name, record[i] ?? ''])) }
    else header = distinct(record)
  }
  yield* skipped
}

interface CsvRow {
  readonly record: readonly string[]
  readonly info: { readonly lines: number }
}

function asRow(error: CsvError): RawRow {
  const { lines } = error
  const row = typeof lines === 'number' ? lines : 0
  const code = error.code.startsWith('CSV_RECORD_INCONSISTENT') ? 'CSV_COLUMN_COUNT' : 'CSV_SYNTAX'
  return { row, error: new ImportError(code, `${error.code}: ${error.message}`) }
}

function distinct(header: readonly string[]): readonly string[] {
  const names = header.map((name) => name.trim())
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  if (twice !== undefined)
    throw new ImportError('DUPLICATE_COLUMN', `column ${twice} occurs twice`, twice)
  return names
}

async function* readJson(file: TableFile): AsyncGenerator<RawRow> {
  let text = ''
  for await (const part of textOf(file)) {
    text += part
    if (text.length > maxJsonChars)
      throw new ImportError('FILE_TOO_LARGE', `more than ${maxJsonChars} characters`)
  }
  const table = parseJson(text)
  if (!Array.isArray(table)) throw new ImportError('NOT_A_TABLE', 'the JSON file is not an array')
  for (const [i, entry] of table.entries()) yield jsonRow(i + 1, entry)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new ImportError('NOT_JSON', (error as SyntaxError).message)
  }
}

function jsonRow(row: number, entry: unknown): RawRow {
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry))
    return { row, error: new ImportError('NOT_A_TABLE', 'the row is not an object') }
  const cells = new Map<string, Cell>()
  for (const [name, value] of Object.entries(entry)) {
    const cell = cellOf(value)
    if (cell === undefined)
      return {
        row,
        error: new ImportError(
          'BAD_VALUE',
          'a cell is text, a number, a truth value or a list of texts',
          name,
        ),
      }
    cells.set(name, cell)
  }
  return { row, cells }
}

function cellOf(value: unknown): Cell | undefined {
  if (value === null) return ''
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (Array.isArray(value) && value.every((x) => typeof x === 'string')) return value
  return undefined
}

async function* textOf(file: TableFile): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  const parts = file.bytes instanceof Uint8Array ? [file.bytes] : file.bytes
  try {
    for await (const part of parts) yield decoder.decode(part, { stream: true })
    yield decoder.decode()
  } catch (error) {
    if (error instanceof TypeError)
      throw new ImportError('NOT_UTF8', `${file.name} is not UTF-8 text`)
    throw error
  }
}
