/** What an origin has yet to prove. */
export const gossipTables = `
CREATE TABLE IF NOT EXISTS challenge(origin TEXT PRIMARY KEY, size INTEGER NOT NULL, root BLOB NOT NULL, note TEXT NOT NULL, shown_by TEXT, since_ms INTEGER NOT NULL) STRICT;
`
