import { type DataRecord, type Json, Kind } from '@entente/schema'
import type { Database } from '../adapters/sqlite-database.ts'
import type { ViewRow } from '../view/view.ts'
import type { RecordColumn } from './columns.ts'
import { encodeField } from './field-cells.ts'
import { guardText } from './guard-text.ts'
import { markingOfForeign, markingOfOwn } from './marking.ts'

/** What a row of a table is made of. */
export interface RecordContent {
  readonly version: string
  readonly marking: string
  readonly fields: Readonly<Record<string, { readonly value: Json }>>
}

/**
 * What is to be written of a record: an own one as the ledger has it at this moment, one of a partner as it was released to
 * us. Null for one that has just gone.
 */
export function contentOf(db: Database, row: ViewRow): RecordContent | null {
  if (row.provenAtMs !== null)
    return { version: '', marking: markingOfForeign(row), fields: row.fields }
  const own = ownVersion(db, row.id)
  if (own === null) return null
  const { version, record } = own
  return { version, marking: markingOfOwn(record), fields: record.fields }
}

/** An own record as the ledger has it now, and the name of this version. */
export interface OwnVersion {
  readonly version: string
  readonly record: DataRecord
}

/** Null when no own record has the id. */
export function ownVersion(db: Database, id: string): OwnVersion | null {
  const found = db.prepare('SELECT digest, json FROM record WHERE id = ?').get(id)
  if (found === undefined) return null
  const { digest, json } = found
  return { version: digest as string, record: JSON.parse(json as string) as DataRecord }
}

/** The cells of a record, by column. @param exercise whether the data is of an exercise, which the marking then says */
export function cellsOf(
  row: ViewRow,
  { version, marking, fields }: RecordContent,
  exercise: boolean,
): ReadonlyMap<string, string> {
  const facts: Readonly<Record<RecordColumn, string>> = {
    'entente.id': row.id,
    'entente.version': version,
    'entente.kind': row.kind,
    'entente.dataset': row.dataset,
    'entente.originator': row.originator,
    'entente.status': row.status,
    'entente.as_of': row.asOf,
    'entente.marking': exercise ? `EXERCISE ${marking}`.trim() : marking,
  }
  const cells = new Map(Object.entries(facts).map(([name, text]) => [name, guardText(text)]))
  const kind = Kind.parse(row.kind)
  for (const [name, { value }] of Object.entries(fields))
    for (const [column, text] of encodeField(kind, name, value)) cells.set(column, text)
  return cells
}
