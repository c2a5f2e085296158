import { ImportError } from '../import-error.ts'
import type { TableInfo, TableOptions, TableSource } from './table.ts'

/** Bytes at the start of a file, and what they say it is. */
const signatures: readonly (readonly [bytes: string, what: string, todo: string])[] = [
  ['\x1f\x8b', 'a gzip archive', 'unpack it first'],
  ['BZh', 'a bzip2 archive', 'unpack it first'],
  ['\x28\xb5\x2f\xfd', 'a zstd archive', 'unpack it first'],
  ['7z\xbc\xaf', 'a 7z archive', 'unpack it first'],
  ['Rar!', 'a RAR archive', 'unpack it first'],
  ['PK\x05\x06', 'an empty ZIP archive', 'export the table again'],
  ['%PDF', 'a PDF document', 'export the table as CSV or .xlsx'],
  ['{\\rtf', 'an RTF document', 'export the table as CSV or .xlsx'],
  ['PAR1', 'a Parquet file', 'export the table as CSV or JSON'],
  ['SQLite format 3\0', 'an SQLite database', 'export the table as CSV or JSON'],
]
const zip = 'PK\x03\x04'
const ole = '\xd0\xcf\x11\xe0'

/**
 * Whether a file is a workbook (a ZIP archive: what it holds is seen when it is opened) or text.
 * @param head first bytes of the file, enough to hold a signature
 * @throws {ImportError} `FORMAT_UNKNOWN`, `NOT_A_WORKBOOK`
 */
export function isWorkbook(
  { name }: TableSource,
  head: Uint8Array,
  options: TableOptions,
): boolean {
  const start = Buffer.from(head).toString('latin1')
  if (start.startsWith(ole)) throw oldWorkbook(name, start)
  const known = signatures.find(([bytes]) => start.startsWith(bytes))
  if (known) throw new ImportError('FORMAT_UNKNOWN', `${name} is ${known[1]}: ${known[2]}`)
  const zipped = start.startsWith(zip)
  if (zipped && options.format !== undefined && options.format !== 'xlsx')
    throw new ImportError(
      'FORMAT_UNKNOWN',
      `${name} is a workbook or another ZIP archive, not ${options.format}; leave \`format\` out`,
    )
  if (!zipped && (options.format === 'xlsx' || /\.xls[xm]$/i.test(name)))
    throw new ImportError(
      'NOT_A_WORKBOOK',
      `${name} is not an .xlsx workbook, or is damaged at its start; save the workbook again, or name its \`format\``,
    )
  return zipped
}

/**
 * Format of a text file: by option, by the ending of its name, by its first character.
 * @param text start of the text
 * @throws {ImportError} `FORMAT_UNKNOWN`, `FILE_EMPTY`
 */
export function textFormat(
  { name }: TableSource,
  text: string,
  options: TableOptions,
): Exclude<TableInfo['format'], 'xlsx'> {
  const start = text.trimStart()
  if (start === '')
    throw new ImportError('FILE_EMPTY', `${name} holds no text; export the table again`)
  if (/^<(!doctype|\?xml|html|head|meta|body|table|div|style|script)\b/i.test(start))
    throw new ImportError(
      'FORMAT_UNKNOWN',
      `${name} is a web page or XML, even if a spreadsheet program opens it; save it there as .xlsx or CSV`,
    )
  if (options.format !== undefined && options.format !== 'xlsx') return options.format
  const ending = /\.([a-z]+)$/i.exec(name)?.[1]?.toLowerCase() ?? ''
  const named = byEnding.get(ending)
  if (named) return named
  if (start.startsWith('[')) return 'json'
  if (!start.startsWith('{')) return 'csv'
  return options.rows === undefined && isListOfLines(start) ? 'jsonl' : 'json'
}

const byEnding = new Map<string, 'csv' | 'json' | 'jsonl'>([
  ['json', 'json'],
  ['geojson', 'json'],
  ['jsonl', 'jsonl'],
  ['ndjson', 'jsonl'],
  ['csv', 'csv'],
  ['tsv', 'csv'],
  ['txt', 'csv'],
])

/** The first line is a whole object and another follows. */
function isListOfLines(start: string): boolean {
  const [first = '', second] = start.split(/[\r\n]+/, 2)
  try {
    JSON.parse(first)
  } catch {
    return false
  }
  return second?.trimStart().startsWith('{') === true
}

function oldWorkbook(name: string, start: string): ImportError {
  const locked = start.includes([...'EncryptedPackage'].join('\0'))
  return new ImportError(
    'FORMAT_UNKNOWN',
    locked
      ? `${name} is a workbook with a password: open it in a spreadsheet program and save it as .xlsx without one`
      : `${name} is an old .xls workbook or another document of its kind, or has a password: open it in a spreadsheet program and save it as .xlsx without a password`,
  )
}
