import { ImportError } from '../import-error.ts'
import { openCsv } from './csv/read-csv.ts'
import { findEncoding } from './find-encoding.ts'
import { isWorkbook, textFormat } from './find-format.ts'
import { openJson, openJsonLines } from './json/read-json.ts'
import { headOf, textOf } from './read-text.ts'
import type { Table, TableOptions, TableSource } from './table.ts'
import { openXlsx } from './xlsx/read-xlsx.ts'

const headSizeBytes = 1 << 16

/**
 * Finds out what a file is and opens it as a table. The file is read through once to see that its text is text;
 * nothing of it is kept and nothing stays open, whatever its size.
 *
 * A row that cannot be read is yielded as an error and reading goes on. What makes it uncertain which rows follow is
 * thrown, here or by `rows()`: then nothing of the file may be used.
 * @throws {ImportError} `FILE_UNREADABLE`, `FILE_EMPTY`, `FORMAT_UNKNOWN`, `ENCODING_UNKNOWN`, `ENCODING_INVALID`,
 *   and the codes of the reader of its format
 */
export async function openTable(source: TableSource, options: TableOptions = {}): Promise<Table> {
  const head = await headOf(source, headSizeBytes)
  if (head.length === 0)
    throw new ImportError('FILE_EMPTY', `${source.name} is empty; export the table again`)
  if (isWorkbook(source, head, options)) return await openXlsx(source, options)
  const { label, guessed } = await findEncoding(source, options.encoding)
  const format = textFormat(source, await startOf(source, label), options)
  const info = {
    format,
    encoding: label,
    encodingGuessed: guessed,
    delimiter: null,
    sheet: null,
    otherSheets: [],
    columns: null,
  }
  if (format === 'json') return openJson(source, info, label, options)
  if (format === 'jsonl') return openJsonLines(source, info, label)
  return await openCsv(source, info, label, options)
}

/** Some text of the file from its first character that is not blank. */
async function startOf(source: TableSource, encoding: string): Promise<string> {
  let start = ''
  for await (const part of textOf(source, encoding)) {
    start = (start + part).trimStart()
    if (start.length >= headSizeBytes) break
  }
  return start
}
