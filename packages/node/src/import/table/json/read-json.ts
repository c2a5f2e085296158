import { ImportError } from '../../import-error.ts'
import { maxRowChars } from '../limits.ts'
import { textOf, unifyLineEnds } from '../read-text.ts'
import type { RawRow, Table, TableInfo, TableOptions, TableSource } from '../table.ts'
import { jsonRow } from './json-row.ts'
import { splitJson } from './split-json.ts'

/** Opens a JSON document that is, or has at `rows`, a list of objects. Codes: those of `splitJson` and `jsonRow`. */
export const openJson = (
  source: TableSource,
  info: TableInfo,
  encoding: string,
  { rows }: TableOptions,
): Table => ({
  info,
  rows: async function* () {
    let place = 0
    for await (const element of splitJson(
      textOf(source, encoding),
      rows?.split('.') ?? [],
      source.name,
    )) {
      place += 1
      yield jsonRow(place, element, `${source.name}, row ${place}`)
    }
  },
})

/** Opens a file with one object a line. A line that is not JSON spoils itself alone. */
export const openJsonLines = (source: TableSource, info: TableInfo, encoding: string): Table => ({
  info,
  rows: async function* () {
    for await (const { line, text } of linesOf(textOf(source, encoding), source.name))
      if (text.trim() !== '') yield lineRow(line, text, `${source.name}, line ${line}`)
  },
})

function lineRow(line: number, text: string, where: string): RawRow {
  try {
    return jsonRow(line, text, where)
  } catch (error) {
    if (error instanceof ImportError && error.code === 'NOT_JSON') return { row: line, error }
    throw error
  }
}

async function* linesOf(
  parts: AsyncIterable<string>,
  name: string,
): AsyncGenerator<{ readonly line: number; readonly text: string }> {
  let line = 1
  let text = ''
  const extend = (by: string): void => {
    text += by
    if (text.length > maxRowChars)
      throw new ImportError(
        'ROW_TOO_LARGE',
        `${name}, line ${line}: the line has more than ${maxRowChars} characters`,
      )
  }
  for await (const part of unifyLineEnds(parts)) {
    const [rest = '', ...others] = part.split('\n')
    extend(rest)
    for (const other of others) {
      yield { line, text }
      line += 1
      text = ''
      extend(other)
    }
  }
  yield { line, text }
}
