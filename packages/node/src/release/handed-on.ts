import type { Nation } from '@entente/schema'
import type { Database } from '../adapters/sqlite-database.ts'

/** Consents under which a nation holds another nation's record from us. */
export const handedOnTables = `
CREATE TABLE IF NOT EXISTS handed_on(recipient TEXT NOT NULL, record TEXT NOT NULL, consents TEXT NOT NULL, PRIMARY KEY(recipient, record)) STRICT, WITHOUT ROWID;
`

export function handedOnBy(db: Database, recipient: Nation, record: string): readonly string[] {
  const row = db
    .prepare('SELECT consents FROM handed_on WHERE recipient = ? AND record = ?')
    .get(recipient, record)
  return row === undefined ? [] : (JSON.parse(row['consents'] as string) as string[])
}

/** Inside the transaction that seals the put. @param consents none: the record is ours */
export function noteHandedOn(
  db: Database,
  recipient: Nation,
  record: string,
  consents: readonly string[],
): void {
  if (consents.length === 0)
    db.prepare('DELETE FROM handed_on WHERE recipient = ? AND record = ?').run(recipient, record)
  else
    db.prepare(
      'INSERT OR REPLACE INTO handed_on(recipient, record, consents) VALUES (?, ?, ?)',
    ).run(recipient, record, JSON.stringify(consents))
}
