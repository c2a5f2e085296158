/** The largest checkpoint of an origin that only gossip has proven; and what an origin has yet to prove. */
export const gossipTables = `
CREATE TABLE IF NOT EXISTS seen_checkpoint(origin TEXT PRIMARY KEY, size INTEGER NOT NULL, root BLOB NOT NULL, note TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS challenge(origin TEXT PRIMARY KEY, size INTEGER NOT NULL, root BLOB NOT NULL, note TEXT NOT NULL, shown_by TEXT, since_ms INTEGER NOT NULL) STRICT;
`
