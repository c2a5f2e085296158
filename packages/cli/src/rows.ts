import type { Row } from '@entente/node'
import type { Io } from './io.ts'
import { formatTable, formatTime } from './text.ts'

/** Records as a table: whose each is, its status and age, on what ground it is seen, when that was proven. */
export function formatRows(
  rows: readonly Row[],
  io: Pick<Io, 'colour' | 'columns' | 'nowMs'>,
): string {
  return formatTable(
    ['title', 'kind', 'originator', 'status', 'as of', 'authority', 'proven', 'id'],
    rows.map((row) => [row.title, row.kind, row.originator, ...standing(row, io), row.id]),
    io,
  )
}

/** What every answer says of a row beside its facts; a fact whose day of review has come is marked as stale. */
export function standing(row: Row, { nowMs }: Pick<Io, 'nowMs'>): readonly string[] {
  const proven = row.provenAtMs === null ? '-' : formatTime(row.provenAtMs)
  const today = new Date(nowMs()).toISOString().slice(0, 10)
  const stale = row.reviewBy !== null && row.reviewBy <= today
  return [
    stale ? `${row.status}, stale since ${row.reviewBy}` : row.status,
    row.asOf,
    row.authority,
    proven,
  ]
}
