import { recallsThatMustBeNamed } from '@entente/schema'
import type { Database } from '../adapters/sqlite-database.ts'
import { isRootWord } from './telling-order.ts'

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

/** Recalls of a record by the word of its sender, or of its originator, which a put of it must name; sorted. */
export function recallsToName(
  db: Database,
  record: string,
  nations: readonly (string | undefined)[],
): readonly string[] {
  const words = db.prepare(
    'SELECT root_recalled.digest, seal FROM root_recalled JOIN root_recall ON root_recall.digest = root_recalled.digest WHERE record = ? AND root_recalled.nation = ?',
  )
  const of = [...new Set(nations)].flatMap((nation) =>
    nation === undefined ? [] : words.all(record, nation),
  )
  return recallsThatMustBeNamed(
    of.map(({ digest, seal }) => ({
      digest: digest as string,
      isByRoot: isRootWord(seal as string),
    })),
  )
}

/** Whether a put is of what a nation has recalled by its word, and does not name that. @param nations its sender, and its originator */
export const isNationRecalled = (
  db: Database,
  nations: readonly (string | undefined)[],
  {
    record,
    recalls = [],
  }: { readonly record: string; readonly recalls?: readonly string[] | undefined },
): boolean => recallsToName(db, record, nations).some((digest) => !recalls.includes(digest))
