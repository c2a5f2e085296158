/**
 * Every publication of every cell of an aggregate, for ever: whoever received one may keep it, and a later one is measured against all.
 * `serial` counts within an aggregate; `marks` are digests of what it used of each contributor; `fields` what the derived record says;
 * `definition` by which it was made; at most one of a cell `stands`. `aggregate_source` names the records that it was made of.
 * `aggregate_run` says by which definitions the last run was, and whether something that they measure has changed since.
 */
export const aggregateTables = `
CREATE TABLE IF NOT EXISTS aggregate_standing (
  aggregate TEXT NOT NULL, cell TEXT NOT NULL, serial INTEGER NOT NULL, record TEXT NOT NULL, edition INTEGER NOT NULL, at_ms INTEGER NOT NULL,
  marks TEXT NOT NULL, fields TEXT NOT NULL, definition TEXT NOT NULL, stands INTEGER NOT NULL, PRIMARY KEY (aggregate, serial)) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS aggregate_record ON aggregate_standing (record);
CREATE UNIQUE INDEX IF NOT EXISTS aggregate_cell ON aggregate_standing (aggregate, cell) WHERE stands = 1;
CREATE TABLE IF NOT EXISTS aggregate_source (record TEXT NOT NULL, derived TEXT NOT NULL, PRIMARY KEY (record, derived)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS aggregate_run (one INTEGER PRIMARY KEY CHECK (one = 1), definitions TEXT NOT NULL, due INTEGER NOT NULL) STRICT;
`
