import { ackTables } from './acknowledge/ack-period.ts'
import { tallyOutTables } from './acknowledge/tally-out.ts'
import { addColumn, hasTable, type Migration } from './adapters/migrate.ts'
import { admitTables } from './admit/admit-tables.ts'
import { closedViewTables } from './admit/closed-view.ts'
import { consentedTables } from './admit/consented.ts'
import { releaserTables } from './admit/releaser.ts'
import { tallyTables } from './admit/tally.ts'
import { aggregateTables } from './aggregate/aggregate-tables.ts'
import { syncTables } from './answer/in-sync.ts'
import { approvalTables } from './approvals/approval-tables.ts'
import { consentStatementTables } from './consents/consent-statements.ts'
import { consentTables } from './consents/consent-store.ts'
import { courierTables } from './courier/courier-tables.ts'
import { feedTables } from './feed/bodies.ts'
import { gossipTables } from './gossip/gossip-tables.ts'
import { handoverTables } from './handover/duty.ts'
import { purgePassedTables } from './handover/purge-word.ts'
import { importTables } from './import/draft/import-tables.ts'
import { jointTables } from './joint/joint-tables.ts'
import { ledgerTables } from './ledger/ledger.ts'
import { logTables } from './log/log-tables.ts'
import { shownNoteTables } from './log/shown-notes.ts'
import { keptBackTables } from './nation-recalls/kept-back.ts'
import { nationRecallTables } from './nation-recalls/recalled-records.ts'
import { pairingTables } from './pairing/pairing-tables.ts'
import { alertPlaces, alertTables } from './release/alert-out.ts'
import { bandTables } from './release/band-standings.ts'
import { catalogueTables } from './release/catalogue/catalogue-tables.ts'
import { bodyTables } from './release/control-feed.ts'
import { handedOnTables } from './release/handed-on.ts'
import { consentUsedTables } from './release/keep-inputs.ts'
import { releaseTables } from './release/release-tables.ts'
import { resetTables } from './release/reset-feed.ts'
import { restoreTables } from './release/restore-releases.ts'
import { recallTables } from './release/seal-recall.ts'
import { selectionTables } from './release/selection.ts'
import { askedTurnTables } from './release/subscribe.ts'
import { requestTables } from './requests/request-store.ts'
import { endedLogTables } from './retire/ended-log.ts'
import { leftTables } from './retransfer/left-records.ts'
import { downstreamTables } from './retransfer/recall-downstream.ts'
import { retransferTables } from './retransfer/source-record.ts'
import { siblingTables } from './siblings/copies.ts'
import { receivedTables } from './siblings/received/received-tables.ts'
import { viewTables } from './view/view.ts'
import { UNCOUNTED, witnessTables } from './witness/witness-state.ts'

/** All tables of the one database: the present layout. */
export const tables: readonly string[] = [
  ledgerTables,
  importTables,
  logTables,
  shownNoteTables,
  endedLogTables,
  witnessTables,
  gossipTables,
  releaseTables,
  alertTables,
  consentUsedTables,
  selectionTables,
  askedTurnTables,
  bandTables,
  approvalTables,
  consentTables,
  catalogueTables,
  consentStatementTables,
  bodyTables,
  requestTables,
  retransferTables,
  handedOnTables,
  downstreamTables,
  leftTables,
  nationRecallTables,
  keptBackTables,
  consentedTables,
  recallTables,
  resetTables,
  restoreTables,
  closedViewTables,
  feedTables,
  admitTables,
  tallyTables,
  ackTables,
  tallyOutTables,
  syncTables,
  viewTables,
  aggregateTables,
  courierTables,
  siblingTables,
  receivedTables,
  handoverTables,
  purgePassedTables,
  releaserTables,
  pairingTables,
  jointTables,
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

/**
 * Fewer indexes that end in random ids: of a large import they were most of what was written. One in the order in which rows
 * are listed. Texts of the search index stand under row ids, which stay.
 */
const indexes: Migration = (db) => {
  db.exec('DROP INDEX IF EXISTS record_by_dataset')
  if (hasTable(db, 'dirty'))
    db.exec(`ALTER TABLE dirty RENAME TO dirty_before;
CREATE TABLE dirty (record TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
INSERT INTO dirty SELECT record FROM dirty_before;
DROP TABLE dirty_before;`)
  if (hasTable(db, 'view_row'))
    db.exec(`ALTER TABLE view_row RENAME TO view_row_before;
CREATE TABLE view_row(rowid INTEGER PRIMARY KEY, source TEXT NOT NULL, record TEXT NOT NULL, originator TEXT NOT NULL, sender TEXT NOT NULL, dataset TEXT NOT NULL, kind TEXT NOT NULL, title TEXT NOT NULL, status TEXT NOT NULL, as_of TEXT NOT NULL, authority TEXT NOT NULL, proven_ms INTEGER, banner TEXT NOT NULL, fields TEXT NOT NULL, version TEXT NOT NULL, review_by TEXT, UNIQUE(record, source)) STRICT;
INSERT INTO view_row SELECT rowid, source, record, originator, sender, dataset, kind, title, status, as_of, authority, proven_ms, banner, fields, version, review_by FROM view_row_before;
DROP TABLE view_row_before;`)
}

/**
 * A held put knows its entry, by which a recall may name it, and a partner's policy its salt, by which it can be given back;
 * of older ones nobody noted it.
 */
const heldEntries: Migration = (db) => {
  addColumn(db, 'partner_policy', 'salt BLOB')
  addColumn(db, 'held_in', "entry TEXT NOT NULL DEFAULT ''")
}

/** A witness counts what it cosigns. Which key an older file belongs to is not said in it: the present one. */
const witnessCount: Migration = (db) => {
  db.exec(witnessTables)
  db.prepare('INSERT OR IGNORE INTO witness_state(one, key, count) VALUES (1, ?, 0)').run(UNCOUNTED)
}

/** An older node does not know what was published of aggregates, and could publish what can be subtracted from it. */
const aggregates: Migration = (db) => {
  db.exec(aggregateTables)
}

/** Who there may read what was released, and who here what came; of older puts nobody limited it. */
const roleLimits: Migration = (db) => {
  addColumn(db, 'held', "roles TEXT NOT NULL DEFAULT '{}'")
  addColumn(db, 'held_in', "roles TEXT NOT NULL DEFAULT '{}'")
}

/** A recall that is to be passed on knows as which fragment the record was handed on. */
const recalledHeads: Migration = (db) => {
  addColumn(db, 'recall_due', "head TEXT NOT NULL DEFAULT ''")
}

/** Whether a change was admitted as struck is noted with it; of older ones it is derived again. */
const struckChanges: Migration = (db) => {
  addColumn(db, 'joint_statement', 'struck INTEGER')
}

/** What came with a put is kept for our other nodes; of older ones nobody kept it, and they get them when they are put again. */
const keptOpenings: Migration = (db) => {
  addColumn(db, 'held_in', "opening TEXT NOT NULL DEFAULT ''")
  addColumn(db, 'held_in', "consents TEXT NOT NULL DEFAULT ''")
}

/** An older file does not say why a record stays back; what a nation holds in spite of our nation's word, a person has let go. */
const letGoAgain: Migration = (db) => {
  if (!['held', 'root_recalled', 'recalled_out'].every((table) => hasTable(db, table))) return
  db.exec(`${keptBackTables}
INSERT OR IGNORE INTO recall_cause(recipient, record, cause, allowed) SELECT recipient, record, '', 0 FROM recalled_out;
INSERT OR IGNORE INTO recall_cause(recipient, record, cause, allowed) SELECT recipient, record, root_recalled.digest, 1 FROM held JOIN root_recalled USING (record)
WHERE NOT EXISTS (SELECT 1 FROM recalled_out WHERE recalled_out.recipient = held.recipient AND recalled_out.record = held.record);`)
}

/** Which consents releases rest on is noted beside their inputs. */
const consentsUsed: Migration = (db) => {
  db.exec(consentUsedTables)
  if (hasTable(db, 'decision_inputs'))
    db.exec(
      `INSERT OR IGNORE INTO consent_used(idx, consent)
       SELECT idx, value FROM decision_inputs, json_each(decision_inputs.json, '$.consents') WHERE instr(decision_inputs.json, '"consents"') > 0`,
    )
}

/** Records are decided again in the order in which they became dirty. */
const dirtyByAge: Migration = (db) => {
  if (!hasTable(db, 'dirty')) return
  db.exec(`ALTER TABLE dirty RENAME TO dirty_before;
CREATE TABLE dirty (record TEXT PRIMARY KEY) STRICT;
INSERT INTO dirty SELECT record FROM dirty_before;
DROP TABLE dirty_before;`)
}

/** The way from each layout to the next, from the one of the first release (0) on. */
export const migrations: readonly Migration[] = [
  conflictsAndReviews,
  forms,
  lines,
  indexes,
  heldEntries,
  witnessCount,
  aggregates,
  roleLimits,
  recalledHeads,
  struckChanges,
  keptOpenings,
  letGoAgain,
  consentsUsed,
  dirtyByAge,
  alertPlaces,
]
