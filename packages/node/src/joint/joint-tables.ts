/**
 * Joint documents. `joint_statement`: every statement admitted or made here, in the order of `admitted`; `proof` is empty until an own one
 * is published; `struck`: it was admitted when what it builds on was struck already, null in rows of an older file. `joint_twice`: two statements that one writer has signed for one place. `joint_refused`: where the feed of a writer stands
 * still, since its next change is not taken. `joint_inputs`: what own changes were decided on, by leaf.
 */
export const jointTables = `
CREATE TABLE IF NOT EXISTS joint_document(id TEXT PRIMARY KEY, creator TEXT NOT NULL, terms TEXT NOT NULL, at_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS joint_statement(admitted INTEGER PRIMARY KEY AUTOINCREMENT, document TEXT NOT NULL, writer TEXT NOT NULL, seq INTEGER NOT NULL, feed TEXT NOT NULL, hash TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, idx INTEGER NOT NULL, jws TEXT NOT NULL, salt BLOB NOT NULL, proof TEXT NOT NULL, body BLOB, edits TEXT, rebased INTEGER NOT NULL DEFAULT 0, struck INTEGER, UNIQUE(document, writer, seq)) STRICT;
CREATE INDEX IF NOT EXISTS joint_unproven ON joint_statement(writer, idx) WHERE proof = '';
CREATE TABLE IF NOT EXISTS joint_twice(document TEXT NOT NULL, writer TEXT NOT NULL, seq INTEGER NOT NULL, first TEXT NOT NULL, second TEXT NOT NULL, PRIMARY KEY(document, writer)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS joint_refused(document TEXT NOT NULL, writer TEXT NOT NULL, seq INTEGER NOT NULL, hash TEXT NOT NULL, code TEXT NOT NULL, message TEXT NOT NULL, at_ms INTEGER NOT NULL, tries INTEGER NOT NULL, PRIMARY KEY(document, writer)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS joint_inputs(idx INTEGER PRIMARY KEY, json TEXT NOT NULL) STRICT;
`
