import type { WriteStream } from 'node:fs'
import { extname } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import type { Reader } from '@entente/policy'
import type { Kind } from '@entente/schema'
import type { Deps } from '../deps.ts'
import type { Progress } from '../node-api.ts'
import { kindOf, type Select, selectRows } from '../select/select.ts'
import type { View } from '../view/view.ts'
import { columnsOf, recordColumns } from './columns.ts'
import { ExportError } from './export-error.ts'
import { type ExportFormat, exportFormats } from './formats.ts'
import { cellsOf, contentOf } from './record-cells.ts'
import type { TableRow, TableRows } from './table-rows.ts'
import { writeCsv } from './write-csv.ts'
import { writeNewFile } from './write-new-file.ts'
import { writeXlsx } from './write-xlsx.ts'

export interface ExportRequest extends Select {
  /** Kinds have columns of their own: one kind a file. */
  readonly kind: string
  readonly path: string
  /** Else as the file is called. */
  readonly format?: ExportFormat | undefined
  /** Every column of the kind; else those that some record has. */
  readonly allColumns?: boolean | undefined
  readonly overwrite?: boolean | undefined
  /** Only what this reader may read; absent: all. */
  readonly reader?: Reader | undefined
}

export interface Exported {
  readonly path: string
  readonly format: ExportFormat
  readonly kind: string
  /** Records written, and how many of them are ours. */
  readonly records: number
  readonly own: number
  readonly columns: readonly string[]
  readonly sizeBytes: number
}

/**
 * Writes records of one kind as a table: first what a record is and is under, then its fields in the order of the kind.
 * @param exercise the data is of an exercise
 * @throws {ExportError} what stands in the way of the file; codes of `selectRows`
 */
export async function exportTable(
  { db }: Deps,
  view: View,
  request: ExportRequest,
  exercise: boolean,
  progress?: Progress,
): Promise<Exported> {
  const { path, allColumns = false, overwrite = false, format: given, reader, ...select } = request
  const kind = kindOf(select.kind)
  const format = given ?? formatOf(path)
  let count = { records: 0, own: 0 }
  const rows = function* (stage: string, total?: number): Generator<TableRow> {
    count = { records: 0, own: 0 }
    for (const row of selectRows(view, select)) {
      const content = contentOf(db, row, reader)
      if (content === null) continue
      count.records += 1
      if (content.version !== '') count.own += 1
      if (count.records % 500 === 0)
        progress?.({ stage, done: count.records, ...(total !== undefined && { total }) })
      yield { id: row.id, cells: cellsOf(row, content, exercise) }
    }
  }
  const met = new Set<string>()
  for (const { cells } of rows('look at records')) {
    for (const column of cells.keys()) met.add(column)
    if (count.records % 500 === 0) await turn()
  }
  for (;;) {
    const columns = orderOf(kind, met, allColumns)
    const total = count.records
    const table: TableRows = {
      sheet: kind,
      columns,
      rows: () => known(rows('write records', total)),
    }
    try {
      const sizeBytes = await writeNewFile(path, overwrite, (to) => writers[format](table, to))
      return { path, format, kind, ...count, columns, sizeBytes }
    } catch (error) {
      if (!(error instanceof NewColumn)) throw error
    }
  }

  /** A record that has changed meanwhile may have a column that no other has. */
  function* known(all: Iterable<TableRow>): Generator<TableRow> {
    for (const row of all) {
      const before = met.size
      for (const column of row.cells.keys()) met.add(column)
      if (met.size > before) throw new NewColumn()
      yield row
    }
  }
}

class NewColumn extends Error {}

const writers: Readonly<
  Record<ExportFormat, (table: TableRows, to: WriteStream) => Promise<void>>
> = { csv: writeCsv, xlsx: writeXlsx }

/** @throws {ExportError} `FORMAT_UNKNOWN` */
function formatOf(path: string): ExportFormat {
  const ending = extname(path).slice(1).toLowerCase()
  const format = exportFormats.find((each) => each === ending)
  if (format !== undefined) return format
  throw new ExportError(
    'FORMAT_UNKNOWN',
    `${path} ends in neither .csv nor .xlsx; name the format with --format`,
  )
}

/** What a record is first, then the fields of the kind in its order, then those of a newer version. */
function orderOf(kind: Kind, met: ReadonlySet<string>, all: boolean): readonly string[] {
  const fields = [...columnsOf(kind).values()].flatMap(({ plain, json }) => [
    ...plain.filter(({ name }) => all || met.has(name)),
    ...(met.has(json.name) || (all && plain.length === 0) ? [json] : []),
  ])
  const columns = [...recordColumns, ...fields.map(({ name }) => name)]
  const newer = [...met].filter((column) => !columns.includes(column)).sort()
  return [...columns, ...newer]
}
