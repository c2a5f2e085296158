/**
 * What partners have proven to us. Written by `admit` alone. `held_in.opening` and `consents` came with the put, `dropped_in` holds the
 * latest drops of records that were not put since: our nation's other nodes check with them what they are told was put and dropped.
 */
export const admitTables = `
CREATE TABLE IF NOT EXISTS partner_checkpoint(origin TEXT NOT NULL, size INTEGER NOT NULL, root BLOB NOT NULL, note TEXT NOT NULL, cosigned_s INTEGER NOT NULL, seen_ms INTEGER NOT NULL, PRIMARY KEY(origin, size)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS partner_policy(origin TEXT NOT NULL, idx INTEGER NOT NULL, edition INTEGER NOT NULL, from_ms INTEGER NOT NULL, until_ms INTEGER NOT NULL, jws TEXT NOT NULL, salt BLOB, PRIMARY KEY(origin, idx)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS feed_in(feed TEXT PRIMARY KEY, sender TEXT NOT NULL, dataset TEXT NOT NULL, seq INTEGER NOT NULL, last TEXT NOT NULL, body_seq INTEGER NOT NULL, unopened INTEGER NOT NULL DEFAULT 0, UNIQUE(sender, dataset)) STRICT;
CREATE TABLE IF NOT EXISTS statement_in(feed TEXT NOT NULL, seq INTEGER NOT NULL, sender TEXT NOT NULL, idx INTEGER NOT NULL, jws TEXT NOT NULL, salt BLOB NOT NULL, proof TEXT NOT NULL, PRIMARY KEY(feed, seq)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS held_in(feed TEXT NOT NULL, record TEXT NOT NULL, seq INTEGER NOT NULL, digest TEXT NOT NULL, json TEXT NOT NULL, authority TEXT NOT NULL, entry TEXT NOT NULL DEFAULT '', roles TEXT NOT NULL DEFAULT '{}', opening TEXT NOT NULL DEFAULT '', consents TEXT NOT NULL DEFAULT '', PRIMARY KEY(feed, record)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS dropped_in(feed TEXT NOT NULL, record TEXT NOT NULL, seq INTEGER NOT NULL, opening TEXT NOT NULL, PRIMARY KEY(feed, record, seq, opening)) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS dropped_in_place ON dropped_in(feed, seq);
CREATE TABLE IF NOT EXISTS hidden_in(feed TEXT NOT NULL, record TEXT NOT NULL, seq INTEGER NOT NULL, fields TEXT NOT NULL, PRIMARY KEY(feed, record)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS quarantine(feed TEXT NOT NULL, seq INTEGER NOT NULL, entry TEXT NOT NULL, record TEXT NOT NULL, code TEXT NOT NULL, PRIMARY KEY(feed, seq, entry)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS closed_in(feed TEXT PRIMARY KEY, sender TEXT NOT NULL, dataset TEXT NOT NULL, seq INTEGER NOT NULL, replaced_by TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS recall_in(feed TEXT NOT NULL, seq INTEGER NOT NULL, sender TEXT NOT NULL, statement TEXT NOT NULL, release_feed TEXT NOT NULL, release_seq INTEGER NOT NULL, entries TEXT NOT NULL, purge INTEGER NOT NULL, purged INTEGER NOT NULL, PRIMARY KEY(feed, seq)) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS recall_in_release ON recall_in(release_feed, release_seq);
CREATE TABLE IF NOT EXISTS kept_in(feed TEXT NOT NULL, seq INTEGER NOT NULL, sender TEXT NOT NULL, kind TEXT NOT NULL, PRIMARY KEY(feed, seq)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS ack_given(feed TEXT PRIMARY KEY, seq INTEGER NOT NULL, jws TEXT NOT NULL) STRICT;
`
