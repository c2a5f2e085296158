import type { Nation } from '@entente/schema'
import type { Database } from '../adapters/sqlite-database.ts'

/** A nation says itself that it holds a record of ours no longer: it is decided again, and goes again where it may. Inside a transaction. */
export function noteHeldNoLonger(db: Database, nation: Nation, record: string): void {
  const { changes } = db
    .prepare('DELETE FROM held WHERE recipient = ? AND record = ?')
    .run(nation, record)
  if (changes > 0) db.prepare('INSERT OR IGNORE INTO dirty(record) VALUES (?)').run(record)
}
