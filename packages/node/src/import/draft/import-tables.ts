/**
 * Imports and their rows. A row keeps what the file said (`draft`, values only: labels follow from the mapping) until it
 * is applied, then what the record was before (`before`) and the stamp it was written under, until the import is
 * forgotten. `done` counts up: 0 staged, 1 applied, 2 undone. An import without a mapping is an exported table that comes
 * back: its rows are edits, by record.
 */
export const importTables = `
CREATE TABLE IF NOT EXISTS mapping_edition (
  name TEXT NOT NULL, edition INTEGER NOT NULL, digest TEXT NOT NULL, file TEXT NOT NULL, text TEXT NOT NULL,
  signatures TEXT NOT NULL, author TEXT NOT NULL, saved_ms INTEGER NOT NULL, PRIMARY KEY (name, edition)) STRICT;
CREATE TABLE IF NOT EXISTS import (
  id INTEGER PRIMARY KEY AUTOINCREMENT, state TEXT NOT NULL, file TEXT NOT NULL, size INTEGER NOT NULL, sha256 TEXT NOT NULL,
  mapping TEXT, edition INTEGER, digest TEXT, mapping_text TEXT, signatures TEXT NOT NULL, signed INTEGER NOT NULL,
  options TEXT NOT NULL, strict INTEGER NOT NULL, info TEXT, failure TEXT, author TEXT NOT NULL, reason TEXT NOT NULL, staged_ms INTEGER NOT NULL,
  applied_by TEXT, applied_ms INTEGER, undone_by TEXT, undone_ms INTEGER, missing INTEGER) STRICT;
CREATE TABLE IF NOT EXISTS import_row (
  import INTEGER NOT NULL, seq INTEGER NOT NULL, row INTEGER NOT NULL, outcome TEXT NOT NULL, key TEXT, rank TEXT, record TEXT,
  draft TEXT, detail TEXT, flags TEXT, done INTEGER NOT NULL DEFAULT 0, result TEXT, before TEXT, stamp INTEGER,
  PRIMARY KEY (import, seq)) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS import_row_key ON import_row (import, key) WHERE key IS NOT NULL;
CREATE INDEX IF NOT EXISTS import_row_outcome ON import_row (import, outcome, done);
`
