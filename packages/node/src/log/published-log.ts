import { formatNote, parseNote } from '@entente/tlog'
import type { Database } from '../adapters/sqlite-database.ts'

/** What of a log is published: so many leaves, under a checkpoint with its cosignatures. */
export interface PublishedLog {
  readonly size: number
  readonly note: string
}

/** The largest checkpoint that a quorum has cosigned, as it is stored; of size 0 before there is one. */
export function publishedLog(db: Database): PublishedLog {
  const row = db
    .prepare(
      'SELECT size, note, cosigs FROM checkpoint WHERE published_ms IS NOT NULL ORDER BY size DESC LIMIT 1',
    )
    .get()
  if (row === undefined) return { size: 0, note: '' }
  const note = formatNote(parseNote(`${row['note'] as string}${row['cosigs'] as string}`))
  return { size: row['size'] as number, note }
}
