import { DatabaseSync } from 'node:sqlite'
import type { LeafRange } from '@entente/schema'
import { hasTable } from '../adapters/migrate.ts'
import type { Database } from '../adapters/sqlite-database.ts'
import { forgetBodies } from '../release/release-tables.ts'
import { decideAllAgain } from '../retransfer/source-record.ts'

/** Logs of this node that have ended. Their tables stay beside those of the log that goes on, under their number. */
export const endedLogTables = `
CREATE TABLE IF NOT EXISTS ended_log(epoch INTEGER PRIMARY KEY, origin TEXT NOT NULL, size INTEGER NOT NULL, root TEXT NOT NULL, note TEXT NOT NULL, lost TEXT NOT NULL, ended_ms INTEGER NOT NULL) STRICT;
`

/** How a log ended: the largest cosigned checkpoint that anybody holds of it, and the leaves below it that are lost. */
export interface EndedLog {
  /** Which log of this node it was, from 1. */
  readonly epoch: number
  readonly origin: string
  readonly size: number
  /** Padded base64. */
  readonly root: string
  /** The checkpoint with its cosignatures; empty when nothing was ever cosigned. */
  readonly note: string
  readonly lost: readonly LeafRange[]
}

/** What belongs to one log and no other, each with the column that names its leaf. */
const ofOneLog = {
  entry: 'idx',
  node: null,
  statement: 'idx',
  checkpoint: null,
  head: null,
  feed_out: null,
  entry_out: 'idx',
  decision_inputs: 'idx',
  consent_used: 'idx',
  policy_edition: 'idx',
  register_edition: 'idx',
  approval: 'idx',
  ack_period: 'idx',
  ack_received: null,
  statement_body: 'idx',
} as const satisfies Readonly<Record<string, string | null>>

/** What partners hold of us, what waits, what has been acknowledged: said anew, because under a new log every feed begins anew. */
const begunAnew = [
  'alert_out',
  'held',
  'waiting',
  'opened_out',
  'printed_plan',
  'decided_under',
  'ack_committed',
  'closed_out',
  'reset_due',
  'approval_queue',
  'approval_standing',
  'handed_on',
]

/** Never changed again; a statement may still be erased. */
const sealed = ['entry', 'node', 'checkpoint', 'head']

/**
 * Lays the tables of the log aside, under the number of the log, and makes empty ones. Inside a transaction.
 * @param tables DDL of all tables, all `IF NOT EXISTS`
 */
export function layAside(
  db: Database,
  ended: EndedLog,
  endedMs: number,
  tables: readonly string[],
) {
  const { epoch } = ended
  const drop = db
    .prepare(
      "SELECT type, name FROM sqlite_master WHERE tbl_name IN (SELECT value FROM json_each(?)) AND type IN ('trigger', 'index') AND sql IS NOT NULL",
    )
    .all(JSON.stringify(Object.keys(ofOneLog)))
  for (const { type, name } of drop) db.exec(`DROP ${String(type)} "${String(name)}"`)
  // Bodies are for recipients, and nobody is served from a log that has ended.
  forgetBodies(db)
  for (const table of Object.keys(ofOneLog))
    db.exec(`ALTER TABLE ${table} RENAME TO ${table}_${epoch}`)
  for (const table of sealed)
    for (const change of ['UPDATE', 'DELETE'])
      db.exec(
        `CREATE TRIGGER ${table}_${epoch}_no_${change.toLowerCase()} BEFORE ${change} ON ${table}_${epoch} BEGIN SELECT RAISE(ABORT, 'this release log has ended'); END`,
      )
  db.exec(`
CREATE TRIGGER statement_${epoch}_no_delete BEFORE DELETE ON statement_${epoch} BEGIN SELECT RAISE(ABORT, 'this release log has ended'); END;
CREATE TRIGGER statement_${epoch}_erase_only BEFORE UPDATE ON statement_${epoch} WHEN NEW.jws IS NOT NULL OR NEW.salt IS NOT NULL BEGIN SELECT RAISE(ABORT, 'a statement may be erased, never replaced'); END;`)
  for (const table of begunAnew) db.exec(`DELETE FROM ${table}`)
  // What this log has committed to and nobody found is not undone by another log, in which it has no leaf.
  for (const table of ['policy_lost', 'register_lost']) db.exec(`UPDATE ${table} SET idx = -1`)
  for (const ddl of tables) db.exec(ddl)
  decideAllAgain(db)
  db.prepare(
    'INSERT INTO ended_log(epoch, origin, size, root, note, lost, ended_ms) VALUES (?, ?, ?, ?, ?, ?, ?)',
  ).run(
    epoch,
    ended.origin,
    ended.size,
    ended.root,
    ended.note,
    JSON.stringify(ended.lost),
    endedMs,
  )
}

/** Logs of this node that have ended, the oldest first. */
export const endedLogs = (db: Database): readonly EndedLog[] =>
  db
    .prepare('SELECT * FROM ended_log ORDER BY epoch')
    .all()
    .map((row) => ({
      epoch: row['epoch'] as number,
      origin: row['origin'] as string,
      size: row['size'] as number,
      root: row['root'] as string,
      note: row['note'] as string,
      lost: JSON.parse(row['lost'] as string) as LeafRange[],
    }))

/**
 * A log that has ended, to read as if it went on: every table of a log is that log's, up to `size`. What the node holds of partners
 * is not part of it.
 */
export function openEndedLog(path: string, epoch: number, size: number): Database {
  const db = new DatabaseSync(path, { readOnly: true })
  for (const [table, index] of Object.entries(ofOneLog)) {
    const upTo = index === null ? '' : ` WHERE ${index} < ${size}`
    // A log that ended before there was such a table has nothing in it.
    const from = hasTable(db, `${table}_${epoch}`) ? `${table}_${epoch}${upTo}` : `${table} WHERE 0`
    db.exec(`CREATE TEMP VIEW ${table} AS SELECT * FROM main.${from}`)
  }
  for (const table of ['statement_in', 'held_in', 'partner_checkpoint'])
    db.exec(`CREATE TEMP VIEW ${table} AS SELECT * FROM main.${table} WHERE 0`)
  return {
    path,
    exec: (sql) => db.exec(sql),
    prepare: (sql) => db.prepare(sql),
    transact: () => {
      throw new Error('a log that has ended is only read')
    },
    [Symbol.dispose]: () => db.close(),
  }
}
