import { type Reader, readable } from '@entente/policy'
import {
  type DataRecord,
  type Json,
  Kind,
  type Label,
  parseLabel,
  type Role,
} from '@entente/schema'
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
  readonly fields: Readonly<
    Record<
      string,
      {
        readonly value: Json
        readonly label?: Label | undefined
        readonly roles?: readonly Role[] | undefined
        readonly conflict?: true | undefined
      }
    >
  >
}

/**
 * What is to be written of a record: an own one as the ledger has it at this moment, one of a partner as it was released to
 * us. Null for one that has just gone, or of which the reader may read nothing.
 */
export function contentOf(db: Database, row: ViewRow, reader?: Reader): RecordContent | null {
  const content = allOf(db, row)
  if (content === null || reader === undefined) return content
  const banner = parseLabel(row.banner)
  const fields = readable(reader, {
    id: row.id,
    kind: Kind.parse(row.kind),
    banner: banner.ok ? banner.label : null,
    fields: content.fields,
  })
  return Object.keys(fields).length === 0 ? null : { ...content, fields }
}

function allOf(db: Database, row: ViewRow): RecordContent | null {
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

/** Fields that only some may read, behind the marking: a table goes from hand to hand. */
function limitsOf(fields: RecordContent['fields']): string {
  const limits = Object.entries(fields).flatMap(([name, { roles }]) =>
    roles === undefined ? [] : [`${name} only for ${roles.join(', ')}`],
  )
  return limits.length === 0 ? '' : ` (${limits.join('; ')})`
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
    'entente.marking': `${exercise ? `EXERCISE ${marking}`.trim() : marking}${limitsOf(fields)}`,
  }
  const cells = new Map(Object.entries(facts).map(([name, text]) => [name, guardText(text)]))
  const kind = Kind.parse(row.kind)
  for (const [name, { value }] of Object.entries(fields))
    for (const [column, text] of encodeField(kind, name, value)) cells.set(column, text)
  return cells
}
