import { closeSync, openSync } from 'node:fs'
import { DatabaseSync, type StatementResultingChanges, type StatementSync } from 'node:sqlite'
import { type Migration, migrate } from './migrate.ts'

/** The node's one SQLite file. Statements are prepared once and kept. */
export interface Database extends Disposable {
  readonly exec: (sql: string) => void
  readonly prepare: (sql: string) => StatementSync
  /**
   * Runs `work` in `BEGIN IMMEDIATE … COMMIT`; any throw rolls back. Durable when it returns. Not re-entrant.
   * @throws {DatabaseError} `DATABASE_UNCERTAIN` when COMMIT failed; the database is then closed. So it is after a statement outside
   * of a transaction that the disk refused
   */
  readonly transact: <T>(work: () => T) => T
  readonly path: string
}

export type DatabaseCode =
  | 'DATABASE_NOT_DURABLE'
  | 'DATABASE_LOCKED'
  | 'DATABASE_NEWER'
  | 'DATABASE_UNCERTAIN'

/** The database cannot promise what a release log needs, or is not for this version. */
export class DatabaseError extends Error {
  override readonly name = 'DatabaseError'
  readonly code: DatabaseCode
  constructor(code: DatabaseCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/**
 * Opens (or makes) the database with WAL, `synchronous=FULL` and `secure_delete`, and refuses to go on when SQLite
 * did not take them: a checkpoint that leaves before its commit is on disk would let the log fork after a power cut.
 * @param tables DDL of each module, all `IF NOT EXISTS`: the present layout
 * @param migrations how older layouts come to it, oldest first
 * @param onUncertain told when a COMMIT failed: the process must end, and read what is there when it starts again
 * @throws {DatabaseError} `DATABASE_NOT_DURABLE`, `DATABASE_NEWER`
 */
export function openDatabase(
  path: string,
  tables: readonly string[],
  migrations: readonly Migration[] = [],
  onUncertain: (error: DatabaseError) => void = () => {},
): Database {
  // The folder is private; the file is so by itself as well, wherever it is copied.
  if (path !== ':memory:') closeSync(openSync(path, 'a', 0o600))
  const db = new DatabaseSync(path)
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON')
  db.exec(`PRAGMA foreign_keys = ON; ${busyTimeout}; PRAGMA cache_size = -32768`)
  // A page that many commits of an import touch goes into the file once every 32 MiB of log, not once every 4.
  db.exec('PRAGMA wal_autocheckpoint = 8192')
  try {
    assertDurable(db)
    if (!migrate(db, tables, migrations))
      throw new DatabaseError(
        'DATABASE_NEWER',
        `${path} was made by a newer version of entente: use that version, or a copy made before it`,
      )
  } catch (error) {
    db.close()
    throw error
  }
  // What a crash left in the log beside the file, values that were deleted since among it, goes now.
  db.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  const prepared = new Map<string, StatementSync>()
  const prepare = (sql: string): StatementSync => {
    const known = prepared.get(sql)
    if (known !== undefined) return known
    const statement = db.prepare(sql)
    const run = statement.run.bind(statement) as (...args: unknown[]) => StatementResultingChanges
    // Outside of a transaction each statement is one, with a commit of its own.
    statement.run = ((...args: unknown[]) => {
      const alone = !db.isTransaction
      try {
        return run(...args)
      } catch (error) {
        if (alone && isDiskFault(error)) throw uncertain(error)
        throw error
      }
    }) as StatementSync['run']
    prepared.set(sql, statement)
    return statement
  }
  const transact = <T>(work: () => T): T => {
    db.exec('BEGIN IMMEDIATE')
    try {
      const result = work()
      commit()
      return result
    } catch (error) {
      if (db.isOpen && db.isTransaction) db.exec('ROLLBACK')
      throw error
    }
  }
  const commit = (): void => {
    try {
      db.exec('COMMIT')
    } catch (error) {
      throw uncertain(error)
    }
  }
  /** After a COMMIT that failed, what is on disk can be either: nobody may sign on what memory holds. */
  const uncertain = (cause: unknown): DatabaseError => {
    db.close()
    const why = cause instanceof Error ? cause.message : String(cause)
    const error = new DatabaseError(
      'DATABASE_UNCERTAIN',
      `the disk refused the last change of ${path} (${why}), and may hold it or not: the node ends. Make room or mend the disk, then start it again: it goes on from what is there`,
      { cause },
    )
    onUncertain(error)
    return error
  }
  return {
    path,
    exec: (sql) => db.exec(sql),
    prepare,
    transact,
    [Symbol.dispose]: () => {
      prepared.clear()
      if (db.isOpen) db.close()
    },
  }
}

/**
 * Takes what has been deleted out of the log beside the file as well. Outside of a transaction.
 * @returns false while a reader still needs it: try again later
 */
export function forgetDeleted(db: Database): boolean {
  // Whoever reads may read on for long: the node does not stand still for it.
  db.exec('PRAGMA busy_timeout = 0')
  try {
    return db.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get()?.['busy'] === 0
  } catch (error) {
    if ((error as { readonly errcode?: number }).errcode !== SQLITE_LOCKED) throw error
    return false
  } finally {
    db.exec(busyTimeout)
  }
}
const SQLITE_LOCKED = 6
const busyTimeout = 'PRAGMA busy_timeout = 5000'

/** SQLITE_IOERR or SQLITE_FULL. @see https://sqlite.org/rescode.html */
function isDiskFault(error: unknown): boolean {
  const { errcode } = error as { readonly errcode?: number }
  return errcode !== undefined && [10, 13].includes(errcode & 0xff)
}

/** @throws {DatabaseError} `DATABASE_NOT_DURABLE` */
export function assertDurable(db: DatabaseSync): void {
  const { journal_mode } = db.prepare('PRAGMA journal_mode').get() as { journal_mode: string }
  const { synchronous } = db.prepare('PRAGMA synchronous').get() as { synchronous: number }
  const inMemory = journal_mode === 'memory'
  if ((journal_mode !== 'wal' && !inMemory) || synchronous < 2)
    throw new DatabaseError(
      'DATABASE_NOT_DURABLE',
      `the database runs with journal_mode=${journal_mode}, synchronous=${synchronous}: need wal and FULL`,
    )
}
