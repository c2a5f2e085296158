/**
 * `catalogue_asked`: partners that have asked what we offer them, and since when; `answered`: 0 not yet, 1 yes, 2 given up since
 * then. `offer`: every record that may go to one of them, with
 * what the catalogue says of it. `catalogue_given`: the last catalogue sealed for each. `catalogue_in`: the last one of each partner,
 * written by admit alone.
 */
export const catalogueTables = `
CREATE TABLE IF NOT EXISTS catalogue_asked(nation TEXT PRIMARY KEY, at_ms INTEGER NOT NULL, answered INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS offer(nation TEXT NOT NULL, record TEXT NOT NULL, dataset TEXT NOT NULL, kind TEXT NOT NULL, topics TEXT NOT NULL, valid_until INTEGER, PRIMARY KEY(nation, record)) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS offer_until ON offer(valid_until) WHERE valid_until IS NOT NULL;
CREATE TABLE IF NOT EXISTS catalogue_given(nation TEXT PRIMARY KEY, datasets TEXT NOT NULL, at_ms INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS catalogue_in(sender TEXT PRIMARY KEY, datasets TEXT NOT NULL, at_ms INTEGER NOT NULL) STRICT;
`
