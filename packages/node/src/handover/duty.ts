import type { Database } from '../adapters/sqlite-database.ts'

/**
 * `release_here`: datasets that this node was handed, or has handed on, where that differs from what it does by its certificate.
 * `handover_out`: what it has handed on, to whom, and whether they have taken it. `handover_number`: the number of the last word of a hand-over
 * of a dataset, also when it has come back since; `handover_taken`: the number of the last one that another node's word was taken by.
 */
export const handoverTables = `
CREATE TABLE IF NOT EXISTS release_here(dataset TEXT PRIMARY KEY, here INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS handover_out(dataset TEXT PRIMARY KEY, peer TEXT NOT NULL, key TEXT NOT NULL, name TEXT NOT NULL, number INTEGER NOT NULL, taken INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS handover_told(dataset TEXT NOT NULL, recipient TEXT NOT NULL, head TEXT, PRIMARY KEY(dataset, recipient)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS handover_in(dataset TEXT NOT NULL, recipient TEXT NOT NULL, head TEXT, PRIMARY KEY(dataset, recipient)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS handover_number(dataset TEXT PRIMARY KEY, number INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS handover_taken(dataset TEXT NOT NULL, peer TEXT NOT NULL, number INTEGER NOT NULL, PRIMARY KEY(dataset, peer)) STRICT, WITHOUT ROWID;
`

/** Whether this node releases a dataset now. */
export type Releases = (dataset: string) => boolean

/** @param isMain the main node of a nation releases all that it has not handed on, another one what it was handed */
export function releasesAt(db: Database, isMain: boolean): Releases {
  const row = db.prepare('SELECT here FROM release_here WHERE dataset = ?')
  return (dataset) => {
    const here = row.get(dataset)?.['here']
    return here === undefined ? isMain : here === 1
  }
}

/** Says that this node releases a dataset from here on, or no longer. Inside a transaction. */
export function setReleases(db: Database, dataset: string, here: boolean): void {
  db.prepare('INSERT OR REPLACE INTO release_here(dataset, here) VALUES (?, ?)').run(
    dataset,
    here ? 1 : 0,
  )
}

/**
 * Number of the next word of a hand-over, larger than all before it. Inside a transaction.
 * @param atLeast size of the log where it grows with it: a node restored from a copy has forgotten its numbers, and not its log
 */
export const nextNumber = (db: Database, dataset: string, atLeast = 1): number =>
  db
    .prepare(
      'INSERT INTO handover_number(dataset, number) VALUES (?1, max(?2, 1 + coalesce((SELECT number FROM handover_out WHERE dataset = ?1), 0))) ON CONFLICT DO UPDATE SET number = max(number + 1, ?2) RETURNING number',
    )
    .get(dataset, atLeast)?.['number'] as number
