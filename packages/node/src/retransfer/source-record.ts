import type { Database } from '../adapters/sqlite-database.ts'

/**
 * `retransfer`: records of other nations that are to be handed on as they came, each in a dataset of ours. `digest`, `json`: the record as
 * it is decided on, a `DataRecord`; null while nothing of it is held.
 */
export const retransferTables = `
CREATE TABLE IF NOT EXISTS retransfer(record TEXT PRIMARY KEY, dataset TEXT NOT NULL, digest TEXT, json TEXT) STRICT, WITHOUT ROWID;
`

/** What may be released: the nation's own records, and what it hands on of others. */
export interface SourceRow {
  readonly dataset: string
  readonly digest: string
  readonly json: string
}

/** A record as it stands to be decided on; undefined: there is none. */
export function sourceRow(db: Database, id: string): SourceRow | undefined {
  return (db.prepare('SELECT dataset, digest, json FROM record WHERE id = ?').get(id) ??
    db
      .prepare(
        'SELECT dataset, digest, json FROM retransfer WHERE record = ? AND digest IS NOT NULL',
      )
      .get(id)) as SourceRow | undefined
}

/** Marks every record that may be released, or those of one dataset, to be decided again. */
export function decideAllAgain(db: Database, dataset: string | null = null): void {
  db.prepare(
    'INSERT OR IGNORE INTO dirty(record) SELECT id FROM record WHERE dataset = coalesce(?1, dataset) UNION SELECT record FROM retransfer WHERE dataset = coalesce(?1, dataset)',
  ).run(dataset)
}
