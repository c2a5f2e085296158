import { nameCells, readColumns } from '../name-columns.ts'
import { textOf, unifyLineEnds } from '../read-text.ts'
import type { Table, TableInfo, TableOptions, TableSource } from '../table.ts'
import { findDelimiter } from './find-delimiter.ts'
import { parseCsv } from './parse-csv.ts'

const sampleChars = 1 << 16

/** Opens a text file of rows and delimiters. Codes: those of `parseCsv` and `readColumns`. */
export async function openCsv(
  source: TableSource,
  info: TableInfo,
  encoding: string,
  { delimiter: given, quote = '"', headerRow = 1, shortRows = false }: TableOptions,
): Promise<Table> {
  const delimiter = given ?? (await delimiterOf(source, encoding, quote, headerRow))
  const read = () => parseCsv(textOf(source, encoding), { delimiter, quote }, source.name)
  const at = { place: source.name, unit: 'line', headerRow, exact: !shortRows } as const
  const columns = await readColumns(read(), at)
  return { info: { ...info, delimiter, columns }, rows: () => nameCells(read(), columns, at) }
}

async function delimiterOf(
  source: TableSource,
  encoding: string,
  quote: string,
  headerRow: number,
): Promise<string> {
  let sample = ''
  for await (const part of unifyLineEnds(textOf(source, encoding))) {
    sample += part
    if (sample.length >= sampleChars) break
  }
  return findDelimiter(sample.slice(0, sampleChars), sample.length < sampleChars, quote, headerRow)
}
