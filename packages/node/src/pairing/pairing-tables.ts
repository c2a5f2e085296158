/**
 * `pairing`: every invitation that this node made or took, by the nonce of the inviting node. `state`: `invited`, `accepted` (we took
 * theirs), `confirmed` (we took their reply). `peer`: the other node, whom it may be dialled. `compared`: people have compared the words.
 * `answer_ms`: rhythm of answers that our invitation names.
 * `proposal`: roster editions that not every root has signed yet. `revoked_partner`: nations that are cut off here, by root.
 */
export const pairingTables = `
CREATE TABLE IF NOT EXISTS pairing(nonce TEXT PRIMARY KEY, nation TEXT NOT NULL, state TEXT NOT NULL, at_ms INTEGER NOT NULL, expires_ms INTEGER NOT NULL, again INTEGER NOT NULL DEFAULT 0, root TEXT, code TEXT, organisation TEXT, peer TEXT, compared INTEGER NOT NULL DEFAULT 0, answer_ms INTEGER) STRICT;
CREATE TABLE IF NOT EXISTS proposal(digest TEXT PRIMARY KEY, number INTEGER NOT NULL, json TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS revoked_partner(nation TEXT PRIMARY KEY, root TEXT NOT NULL, at_ms INTEGER NOT NULL, reason TEXT NOT NULL) STRICT;
`
