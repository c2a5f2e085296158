import type { Row } from '@entente/node'
import type { Io } from './io.ts'
import { formatTable, formatTime } from './text.ts'

/** Records as a table: whose each is, its status and age, on what ground it is seen, when that was proven. */
export function formatRows(rows: readonly Row[], io: Pick<Io, 'colour' | 'columns'>): string {
  return formatTable(
    ['title', 'kind', 'originator', 'status', 'as of', 'authority', 'proven', 'id'],
    rows.map((row) => [row.title, row.kind, row.originator, ...standing(row), row.id]),
    io,
  )
}

/** What every answer says of a row beside its facts. */
export function standing(row: Row): readonly string[] {
  const proven = row.provenAtMs === null ? '-' : formatTime(row.provenAtMs)
  return [row.status, row.asOf, row.authority, proven]
}
