/**
 * `approval`: what officers have said, by leaf; `opening` is what its statement is about, `value` the value it names, `seal` the
 * officer's signature. `approval_queue`: what waits for them. `approval_standing`: approvals that what a nation holds rests on.
 */
export const approvalTables = `
CREATE TABLE IF NOT EXISTS approval(idx INTEGER PRIMARY KEY, about TEXT NOT NULL UNIQUE, decision TEXT NOT NULL, record TEXT NOT NULL, recipient TEXT NOT NULL, opening TEXT NOT NULL, value TEXT NOT NULL, seal TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS approval_queue(id TEXT PRIMARY KEY, recipient TEXT NOT NULL, record TEXT NOT NULL, field TEXT NOT NULL, dataset TEXT NOT NULL, since_ms INTEGER NOT NULL, refused INTEGER NOT NULL, hold_until INTEGER, hold_reason TEXT) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS approval_queue_of ON approval_queue(record, recipient);
CREATE TABLE IF NOT EXISTS approval_standing(recipient TEXT NOT NULL, record TEXT NOT NULL, abouts TEXT NOT NULL, PRIMARY KEY(recipient, record)) STRICT, WITHOUT ROWID;
`
