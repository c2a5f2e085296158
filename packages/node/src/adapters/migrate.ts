import type { DatabaseSync } from 'node:sqlite'

/** One step from a layout of the database file to the next. Runs in the transaction of all of them; never changes once released. */
export type Migration = (db: DatabaseSync) => void

/**
 * Brings a file to the present layout in one transaction: what is older is migrated step by step, then every module's
 * tables are made where they are missing. The layout is `PRAGMA user_version`: the number of migrations a file has had or,
 * as it was made by this version, has no need of.
 * @param tables DDL of each module, all `IF NOT EXISTS`
 * @returns false, and nothing is done, when the file was made by a newer version
 */
export function migrate(
  db: DatabaseSync,
  tables: readonly string[],
  migrations: readonly Migration[],
): boolean {
  db.exec('BEGIN IMMEDIATE')
  try {
    const { user_version: layout } = db.prepare('PRAGMA user_version').get() as {
      user_version: number
    }
    if (layout > migrations.length) {
      db.exec('ROLLBACK')
      return false
    }
    const empty = db.prepare('SELECT 1 FROM sqlite_master LIMIT 1').get() === undefined
    if (!empty) for (const step of migrations.slice(layout)) step(db)
    for (const ddl of tables) db.exec(ddl)
    db.exec(`PRAGMA user_version = ${migrations.length}`)
    db.exec('COMMIT')
    return true
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK')
    throw error
  }
}

export const hasTable = (db: DatabaseSync, table: string): boolean =>
  db.prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?").get(table) !==
  undefined

/**
 * Adds a column to a table of an older layout, and says whether it did. A table that is not there yet is made with the
 * column afterwards; a column that is there stays.
 * @param definition as in DDL: `conflicts INTEGER NOT NULL DEFAULT 0`
 */
export function addColumn(db: DatabaseSync, table: string, definition: string): boolean {
  const names = db
    .prepare('SELECT name FROM pragma_table_info(?)')
    .all(table)
    .map((row) => row['name'])
  if (names.length === 0 || names.includes(definition.split(' ')[0] ?? '')) return false
  db.exec(`ALTER TABLE ${table} ADD COLUMN ${definition}`)
  return true
}
