/**
 * `pairing`: every invitation that this node made or took, by the nonce of the inviting node. `state`: `invited`, `accepted` (we took
 * theirs), `confirmed` (we took their reply). `peer`: the other node, whom it may be dialled. `compared`: people have compared the words.
 * `answer_ms`: rhythm of answers that our invitation names.
 * `proposal`: roster editions that not every root has signed yet; `proposal_from`: the nation that brought each, our own where a
 * confirmation here made it. `revoked_partner`: nations that are cut off here, by root.
 * `root_succession`: what roots that are known here have said of their successors; two of one root are evidence.
 * `used_invitation`: nonces of invitations that were accepted here, cutting off notwithstanding, until they end.
 */
export const pairingTables = `
CREATE TABLE IF NOT EXISTS pairing(nonce TEXT PRIMARY KEY, nation TEXT NOT NULL, state TEXT NOT NULL, at_ms INTEGER NOT NULL, expires_ms INTEGER NOT NULL, again INTEGER NOT NULL DEFAULT 0, root TEXT, code TEXT, organisation TEXT, peer TEXT, compared INTEGER NOT NULL DEFAULT 0, answer_ms INTEGER) STRICT;
CREATE TABLE IF NOT EXISTS proposal(digest TEXT PRIMARY KEY, number INTEGER NOT NULL, json TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS proposal_from(digest TEXT PRIMARY KEY, nation TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS used_invitation(nonce TEXT PRIMARY KEY, expires_ms INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS revoked_partner(nation TEXT PRIMARY KEY, root TEXT NOT NULL, at_ms INTEGER NOT NULL, reason TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS root_succession(nation TEXT NOT NULL, root_from TEXT NOT NULL, root_to TEXT NOT NULL, word TEXT NOT NULL, signed TEXT NOT NULL, at_ms INTEGER NOT NULL, PRIMARY KEY(nation, root_from, root_to)) STRICT, WITHOUT ROWID;
`
