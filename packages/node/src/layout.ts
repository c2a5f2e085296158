import { ackTables } from './acknowledge/ack-period.ts'
import { addColumn, type Migration } from './adapters/migrate.ts'
import { admitTables } from './admit/admit-tables.ts'
import { feedTables } from './feed/bodies.ts'
import { importTables } from './import/draft/import-tables.ts'
import { ledgerTables } from './ledger/ledger.ts'
import { logTables } from './log/log-tables.ts'
import { witnessTables } from './log/witness.ts'
import { releaseTables } from './release/release-tables.ts'
import { viewTables } from './view/view.ts'

/** All tables of the one database: the present layout. */
export const tables: readonly string[] = [
  ledgerTables,
  importTables,
  logTables,
  witnessTables,
  releaseTables,
  feedTables,
  admitTables,
  ackTables,
  viewTables,
]

/** Conflicts and review dates become columns. */
const conflictsAndReviews: Migration = (db) => {
  if (addColumn(db, 'record', 'conflicts INTEGER NOT NULL DEFAULT 0'))
    db.exec(
      `UPDATE record SET conflicts = (SELECT count(*) FROM json_each(record.json, '$.fields') WHERE value ->> '$.conflict')
       WHERE json LIKE '%"conflict":true%'`,
    )
  if (addColumn(db, 'view_row', 'review_by TEXT'))
    db.exec(
      `UPDATE view_row SET review_by = record.json ->> '$.envelope.reviewBy' FROM record
       WHERE view_row.source = 'own' AND record.id = view_row.record AND record.json LIKE '%"reviewBy":%'`,
    )
}

/** Shards say in which form of their kinds the records were rendered. */
const forms: Migration = (db) => {
  addColumn(db, 'shard', "form TEXT NOT NULL DEFAULT '{}'")
}

/** Every shard of an older file stands alone in its line. */
const lines: Migration = (db) => {
  if (addColumn(db, 'shard', "line TEXT NOT NULL DEFAULT ''")) db.exec('UPDATE shard SET line = id')
  addColumn(db, 'shard', 'depth INTEGER NOT NULL DEFAULT 0')
}

/** The way from each layout to the next, from the one of the first release (0) on. */
export const migrations: readonly Migration[] = [conflictsAndReviews, forms, lines]
