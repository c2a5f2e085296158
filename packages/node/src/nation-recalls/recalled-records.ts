import type { Database } from '../adapters/sqlite-database.ts'

/**
 * `root_recall`: recalls by the word of a nation, its root's or a node's, as they came. `purged`: how much of it was held here; `deleted`: its
 * last byte has gone. `root_recalled`: which records of which nation they name, while they count. `root_recall_out`: of one of our own nation,
 * who must prove that it purged, and what it says.
 */
export const nationRecallTables = `
CREATE TABLE IF NOT EXISTS root_recall(digest TEXT PRIMARY KEY, nation TEXT NOT NULL, seal TEXT NOT NULL, purge INTEGER NOT NULL, purged INTEGER NOT NULL, deleted INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS root_recalled(record TEXT NOT NULL, nation TEXT NOT NULL, digest TEXT NOT NULL, PRIMARY KEY(record, nation, digest)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS root_recall_out(digest TEXT NOT NULL, recipient TEXT NOT NULL, purged INTEGER, unproven INTEGER NOT NULL DEFAULT 0, PRIMARY KEY(digest, recipient)) STRICT, WITHOUT ROWID;
`

/** Most recalls that one put names. */
const MOST = 8

const recallsOf = (db: Database, record: string, nation: string): readonly string[] =>
  db
    .prepare('SELECT digest FROM root_recalled WHERE record = ? AND nation = ? ORDER BY digest')
    .all(record, nation)
    .slice(0, MOST)
    .map(({ digest }) => digest as string)

/** Recalls of a record by the word of its sender, or of its originator, which a put of it must name; sorted. */
export const recallsToName = (
  db: Database,
  record: string,
  nations: readonly string[],
): readonly string[] =>
  [...new Set(nations)]
    .flatMap((nation) => recallsOf(db, record, nation))
    .sort()
    .slice(0, MOST)

/** Whether a put is of what a nation has recalled by its word, and does not name that. @param nations its sender, and its originator */
export const isNationRecalled = (
  db: Database,
  nations: readonly (string | undefined)[],
  {
    record,
    recalls = [],
  }: { readonly record: string; readonly recalls?: readonly string[] | undefined },
): boolean =>
  nations.some(
    (nation) =>
      nation !== undefined &&
      recallsOf(db, record, nation).some((digest) => !recalls.includes(digest)),
  )
