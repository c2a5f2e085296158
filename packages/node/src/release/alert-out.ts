import { hasTable, type Migration } from '../adapters/migrate.ts'
import type { Database } from '../adapters/sqlite-database.ts'

/**
 * Alerts whose newest put has its body ready, by feed: such a feed goes before the bulk. Asked of every feed before each round of sending, so that
 * no entry is read for it.
 */
export const alertTables = `
CREATE TABLE IF NOT EXISTS alert_out(feed TEXT NOT NULL, record TEXT NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY(feed, record)) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS alert_out_seq ON alert_out(feed, seq);
`

/** In an older file alerts that wait for a partner have no place before the bulk, or one for each time that they were put. */
export const alertPlaces: Migration = (db) => {
  db.exec(`DROP TABLE IF EXISTS alert_out; ${alertTables}`)
  if (!hasTable(db, 'entry_out') || !hasTable(db, 'record')) return
  db.exec(
    `INSERT OR IGNORE INTO alert_out(feed, record, seq) SELECT feed, record, seq FROM entry_out JOIN record ON record.id = entry_out.record
     WHERE kind = 'alert' AND body IS NOT NULL ORDER BY seq DESC`,
  )
}

/** Notes the newest word on a record to a nation, if the record is an alert. Inside the transaction that seals it. */
export function noteAlert(
  db: Database,
  { feed, seq, record, isReady }: { feed: string; seq: number; record: string; isReady: boolean },
): void {
  if (!isReady) db.prepare('DELETE FROM alert_out WHERE feed = ? AND record = ?').run(feed, record)
  else
    db.prepare(
      "INSERT OR REPLACE INTO alert_out(feed, record, seq) SELECT ?, id, ? FROM record WHERE id = ? AND kind = 'alert'",
    ).run(feed, seq, record)
}

/** Which record an alert of this leaf was is forgotten with its entries; before those are. */
export const forgetAlerts = (db: Database, index: number): void =>
  void db
    .prepare(
      'DELETE FROM alert_out WHERE (feed, record, seq) IN (SELECT feed, record, seq FROM entry_out WHERE idx = ?)',
    )
    .run(index)
