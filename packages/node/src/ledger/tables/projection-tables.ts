/**
 * What SQL reads of the ledger. `record.digest` is SHA-256 over `record.json`, the canonical `DataRecord`;
 * `record.conflicts` counts fields that were edited apart and that nobody has settled. `dirty` names
 * records whose decisions must be made again; the releaser empties it. `shard.chunks` are the stored chunks that the
 * projection stands for: when they differ from the chunk table, a crash fell between the two. `shard.form` are the versions
 * of kinds that its records were rendered in, `line` and `depth` its place in the line of shards that took each other's
 * place; `own` says that this node made it, and so adds records to it and compacts it. Ids are random, so each index that
 * ends in one costs a page a record: there are no more of them than are needed.
 */
export const projectionTables = `
CREATE TABLE IF NOT EXISTS record (
  id TEXT PRIMARY KEY, kind TEXT NOT NULL, dataset TEXT NOT NULL, status TEXT NOT NULL, shard TEXT NOT NULL,
  digest TEXT NOT NULL, json TEXT NOT NULL, conflicts INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE INDEX IF NOT EXISTS record_of_dataset ON record (dataset);
CREATE INDEX IF NOT EXISTS record_by_shard ON record (shard);
CREATE INDEX IF NOT EXISTS record_in_conflict ON record (id) WHERE conflicts > 0;
CREATE INDEX IF NOT EXISTS record_alert ON record (id) WHERE kind = 'alert';
CREATE TABLE IF NOT EXISTS natural_key (
  dataset TEXT NOT NULL, originator TEXT NOT NULL, key TEXT NOT NULL, record TEXT NOT NULL, draft TEXT,
  PRIMARY KEY (dataset, originator, key)) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS natural_key_record ON natural_key (record);
CREATE TABLE IF NOT EXISTS dirty (record TEXT PRIMARY KEY) STRICT;
CREATE TABLE IF NOT EXISTS shard (
  id TEXT PRIMARY KEY, heads TEXT NOT NULL, chunks TEXT NOT NULL, records INTEGER NOT NULL, own INTEGER NOT NULL,
  form TEXT NOT NULL DEFAULT '{}', line TEXT NOT NULL DEFAULT '', depth INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS shard_of_line ON shard (line);
`
