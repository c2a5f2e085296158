import type { Database } from '../adapters/sqlite-database.ts'

/**
 * `left_in`: puts of partners that are held no longer, where a consent names their record, so that it may have been handed on by them: by
 * which release each came, and under which head. No content. A recall that comes later finds here what a drop before it took away.
 */
export const leftTables = `
CREATE TABLE IF NOT EXISTS left_in(feed TEXT NOT NULL, seq INTEGER NOT NULL, record TEXT NOT NULL, head TEXT NOT NULL, entry TEXT NOT NULL, PRIMARY KEY(feed, seq, record)) STRICT, WITHOUT ROWID;
`

/** A record as one release gave it. */
export interface GivenRecord {
  readonly record: string
  /** Digest of the head, which a consent names. */
  readonly head: string
}

/** What is held of a record of a feed is about to go, or to be replaced. Inside the transaction that does so. */
export function noteLeft(db: Database, feed: string, record: string): void {
  db.prepare(
    'INSERT OR IGNORE INTO left_in(feed, seq, record, head, entry) SELECT feed, seq, record, digest, entry FROM held_in WHERE feed = ? AND record = ? AND EXISTS (SELECT 1 FROM consent WHERE consent.record = held_in.record)',
  ).run(feed, record)
}

/**
 * Takes out what a release had given that is held no longer: a recall, which comes as a notice and in its place, is passed on once. What has been given again as it was is held by a later release, which is not recalled.
 * @param entries digests of entries; none: all
 */
export function takeLeft(
  db: Database,
  feed: string,
  seq: number,
  entries: readonly string[],
): readonly GivenRecord[] {
  const taken = db
    .prepare(
      'SELECT record, head, entry FROM left_in WHERE feed = ? AND seq = ? AND NOT EXISTS (SELECT 1 FROM held_in WHERE held_in.feed = left_in.feed AND held_in.record = left_in.record AND held_in.digest = left_in.head)',
    )
    .all(feed, seq)
    .filter(({ entry }) => entries.length === 0 || entry === '' || entries.includes(String(entry)))
    .map(({ record, head }) => ({ record: record as string, head: head as string }))
  const take = db.prepare('DELETE FROM left_in WHERE feed = ? AND seq = ? AND record = ?')
  for (const { record } of taken) take.run(feed, seq, record)
  return taken
}
