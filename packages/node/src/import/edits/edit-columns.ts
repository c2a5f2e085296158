import type { Kind } from '@entente/schema'
import { columnNamed, type FieldColumn, recordColumns } from '../../export-table/columns.ts'
import { ImportError } from '../import-error.ts'
import type { Cell, RawRow } from '../table/table.ts'

/** Column by which a table is known to be an export, and a row by its record. */
export const idColumn = 'entente.id'

/** The columns of an exported table: those of each field, and those that are of none. */
export interface EditColumns {
  readonly fields: ReadonlyMap<string, readonly FieldColumn[]>
  readonly others: readonly string[]
}

/** What the columns of a file mean for a record of a kind. */
export function editColumns(kind: Kind, names: readonly string[]): EditColumns {
  const fields = new Map<string, FieldColumn[]>()
  const others: string[] = []
  for (const name of names) {
    if ((recordColumns as readonly string[]).includes(name)) continue
    const column = columnNamed(kind, name)
    if (column === undefined) others.push(name)
    else fields.set(column.field, [...(fields.get(column.field) ?? []), column])
  }
  return { fields, others }
}

/**
 * Texts of the cells of a row that are not empty, as a spreadsheet program shows them.
 * @throws {ImportError} what makes the row or one of its cells unreadable
 */
export function textsOf(row: RawRow): ReadonlyMap<string, string> {
  if ('error' in row) throw row.error
  const texts = new Map<string, string>()
  for (const [column, cell] of row.cells) {
    const text = textOf(cell, column).replaceAll(/\r\n?/g, '\n').trim()
    if (text !== '') texts.set(column, text)
  }
  return texts
}

function textOf(cell: Cell, column: string): string {
  if (typeof cell === 'string') return cell
  if ('code' in cell) throw new ImportError(cell.code, cell.message, column)
  throw new ImportError('BAD_VALUE', `${column} holds a list`, column)
}
