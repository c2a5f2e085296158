import { peekJws, type Release, statementType, type Tally } from '@entente/schema'
import type { Database } from '../adapters/sqlite-database.ts'

/** What became of the entries of each feed. What is not counted here was accepted, refused (`quarantine`) or never opened (`feed_in`). */
export const tallyTables = `
CREATE TABLE IF NOT EXISTS tally_in(feed TEXT PRIMARY KEY, entries INTEGER NOT NULL, unchanged INTEGER NOT NULL) STRICT;
`

/** Counts the entries of one more statement. Inside the transaction that admits it. */
export function countEntries(
  db: Database,
  feed: string,
  release: Release,
  unchanged: number,
): void {
  const counted = db.prepare('SELECT entries FROM tally_in WHERE feed = ?').get(feed)
  // Of a feed of before there were tallies all that stands in it is counted once.
  const before = counted === undefined ? entriesBefore(db, feed, release.seq) : 0
  db.prepare(
    'INSERT INTO tally_in(feed, entries, unchanged) VALUES (?, ?, ?) ON CONFLICT(feed) DO UPDATE SET entries = tally_in.entries + excluded.entries, unchanged = tally_in.unchanged + excluded.unchanged',
  ).run(feed, before + new Set(release.entries).size, unchanged)
}

function entriesBefore(db: Database, feed: string, seq: number): number {
  let entries = 0
  const rows = db.prepare('SELECT jws FROM statement_in WHERE feed = ? AND seq < ?')
  for (const { jws } of rows.all(feed, seq)) entries += entriesOf(jws as string)
  return entries
}

/** How many entries a statement names; none, where it is no release. */
export function entriesOf(jws: string): number {
  const { typ, payload } = peekJws(jws)
  if (typ !== statementType('release')) return 0
  return new Set((payload as unknown as Release).entries).size
}

/** Our count of a partner's feed; null: no release of it has been counted. */
export function tallyIn(db: Database, feed: string): Tally | null {
  const row = db
    .prepare(
      'SELECT entries, unchanged, unopened, (SELECT COUNT(*) FROM quarantine WHERE quarantine.feed = tally_in.feed) AS refused FROM tally_in JOIN feed_in USING (feed) WHERE tally_in.feed = ?',
    )
    .get(feed)
  if (row === undefined) return null
  const { entries, unchanged, unopened, refused } = row as unknown as Omit<Tally, 'accepted'>
  return {
    entries,
    accepted: entries - unchanged - unopened - refused,
    refused,
    unchanged,
    unopened,
  }
}

const none: Tally = { entries: 0, accepted: 0, refused: 0, unchanged: 0, unopened: 0 }

/** All tallies as one. */
export const sumTallies = (tallies: readonly Tally[]): Tally =>
  tallies.reduce(
    (a, b) => ({
      entries: a.entries + b.entries,
      accepted: a.accepted + b.accepted,
      refused: a.refused + b.refused,
      unchanged: a.unchanged + b.unchanged,
      unopened: a.unopened + b.unopened,
    }),
    none,
  )
