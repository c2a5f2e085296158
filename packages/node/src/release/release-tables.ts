import type { Database } from '../adapters/sqlite-database.ts'

/** What this node has released: feeds, what each nation holds now, what waits, and the inputs kept for auditors. */
export const releaseTables = `
CREATE TABLE IF NOT EXISTS feed_out(feed TEXT PRIMARY KEY, recipient TEXT NOT NULL, dataset TEXT NOT NULL, seq INTEGER NOT NULL, last TEXT NOT NULL, UNIQUE(recipient, dataset)) STRICT;
CREATE TABLE IF NOT EXISTS entry_out(idx INTEGER NOT NULL, digest TEXT NOT NULL, feed TEXT NOT NULL, seq INTEGER NOT NULL, record TEXT NOT NULL, opening TEXT NOT NULL, body TEXT, PRIMARY KEY(idx, digest)) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS entry_out_record ON entry_out(feed, record) WHERE body IS NOT NULL;
CREATE TABLE IF NOT EXISTS held(recipient TEXT NOT NULL, record TEXT NOT NULL, dataset TEXT NOT NULL, digest TEXT NOT NULL, fields TEXT NOT NULL, roles TEXT NOT NULL DEFAULT '{}', withheld INTEGER NOT NULL, policy TEXT NOT NULL, valid_until INTEGER, PRIMARY KEY(recipient, record)) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS held_until ON held(valid_until) WHERE valid_until IS NOT NULL;
CREATE INDEX IF NOT EXISTS held_record ON held(record);
CREATE TABLE IF NOT EXISTS waiting(dataset TEXT NOT NULL, recipient TEXT NOT NULL, record TEXT NOT NULL, PRIMARY KEY(dataset, recipient, record)) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS waiting_record ON waiting(recipient, record);
CREATE TABLE IF NOT EXISTS source_version(digest TEXT PRIMARY KEY, json TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS decision_inputs(idx INTEGER PRIMARY KEY, json TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS policy_edition(edition INTEGER PRIMARY KEY, digest TEXT NOT NULL, idx INTEGER NOT NULL, signed TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS register_edition(edition INTEGER PRIMARY KEY, digest TEXT NOT NULL, idx INTEGER NOT NULL, signed TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS subscription(nation TEXT NOT NULL, dataset TEXT NOT NULL, PRIMARY KEY(nation, dataset)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS printed_plan(digest TEXT PRIMARY KEY, dataset TEXT, recipient TEXT) STRICT;
CREATE TABLE IF NOT EXISTS decided_under(one INTEGER PRIMARY KEY CHECK(one = 1), interval TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS paused(nation TEXT PRIMARY KEY) STRICT;
CREATE TABLE IF NOT EXISTS ack_received(feed TEXT PRIMARY KEY, seq INTEGER NOT NULL, jws TEXT NOT NULL, refused INTEGER NOT NULL, unopened INTEGER NOT NULL, at_ms INTEGER NOT NULL) STRICT;
`

/** Deletes every body that lies ready. Inside a transaction. */
export const forgetBodies = (db: Database): void => db.exec('UPDATE entry_out SET body = NULL')
