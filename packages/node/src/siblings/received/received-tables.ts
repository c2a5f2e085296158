/**
 * At the node that receives: `passing` has what it admitted, in this order; `passing_name` tells one such list from the next; `passed_to`
 * has how far each other node of the nation has come with it, by its own word, and up to where it was sent; `passed_recall` the recalls by the word of a nation that it has carried out. At those others, `passed_from` has how far they are.
 */
export const receivedTables = `
CREATE TABLE IF NOT EXISTS passing(n INTEGER PRIMARY KEY AUTOINCREMENT, origin TEXT NOT NULL, kind TEXT NOT NULL, feed TEXT, seq INTEGER, json TEXT) STRICT;
CREATE INDEX IF NOT EXISTS passing_place ON passing(feed, seq);
CREATE INDEX IF NOT EXISTS passing_again ON passing(origin) WHERE kind = 'again';
CREATE TABLE IF NOT EXISTS passing_name(one INTEGER PRIMARY KEY CHECK(one = 1), name TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS passed_to(peer TEXT NOT NULL, origin TEXT NOT NULL, n INTEGER NOT NULL, sent INTEGER NOT NULL, PRIMARY KEY(peer, origin)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS passed_recall(peer TEXT NOT NULL, digest TEXT NOT NULL, PRIMARY KEY(peer, digest)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS passed_from(origin TEXT PRIMARY KEY, name TEXT NOT NULL, n INTEGER NOT NULL) STRICT, WITHOUT ROWID;
`
