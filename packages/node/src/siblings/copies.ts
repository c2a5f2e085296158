import type { Database } from '../adapters/sqlite-database.ts'

/**
 * `ledger_name`: a name of its own for a node that was restored from a copy. `ledger_turn`: tokens that this node gave to another
 * writer of the ledger, the last that came back and the next; `ledger_token`: the last that another node gave it.
 */
export const siblingTables = `
CREATE TABLE IF NOT EXISTS ledger_name(one INTEGER PRIMARY KEY CHECK(one = 1), name TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS ledger_turn(actor TEXT PRIMARY KEY, confirmed TEXT, next TEXT) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS ledger_token(peer TEXT PRIMARY KEY, token TEXT NOT NULL) STRICT, WITHOUT ROWID;
`

/**
 * Finds out whether another node, or this one, was set back or runs twice. Each visit a node is handed a token for the next one;
 * who comes with an older one is not the folder that was here last, and would write under stamps that are taken.
 */
export interface Copies {
  /** What to show to a node. */
  readonly tokenFor: (peerId: string) => string | null
  /** Whether a writer that shows this token is the one that was here last. One never seen is. */
  readonly isLast: (actor: string, token: string | null) => boolean
  /** Makes and keeps the token for its next visit. @param shown what it showed now, which stays good until the new one is kept there */
  readonly give: (actor: string, shown: string | null) => string
  /** The other side has it on disk: the older one is worth nothing any more. */
  readonly confirmed: (actor: string) => void
  readonly keep: (peerId: string, token: string) => void
}

export function createCopies(db: Database, random: () => string): Copies {
  const turnOf = (actor: string) =>
    db.prepare('SELECT confirmed, next FROM ledger_turn WHERE actor = ?').get(actor)
  return {
    tokenFor: (peerId) =>
      (db.prepare('SELECT token FROM ledger_token WHERE peer = ?').get(peerId)?.['token'] as
        | string
        | undefined) ?? null,
    isLast: (actor, token) => {
      const turn = turnOf(actor)
      if (turn === undefined) return true
      return token === turn['confirmed'] || (token !== null && token === turn['next'])
    },
    give: (actor, shown) => {
      const token = random()
      db.prepare('INSERT OR REPLACE INTO ledger_turn(actor, confirmed, next) VALUES (?, ?, ?)').run(
        actor,
        shown,
        token,
      )
      return token
    },
    confirmed: (actor) => {
      db.prepare('UPDATE ledger_turn SET confirmed = next WHERE actor = ?').run(actor)
    },
    keep: (peerId, token) => {
      db.prepare('INSERT OR REPLACE INTO ledger_token(peer, token) VALUES (?, ?)').run(
        peerId,
        token,
      )
    },
  }
}

/** The name this node took when it was restored, or null. */
export const ledgerName = (db: Database): string | null =>
  (db.prepare('SELECT name FROM ledger_name').get()?.['name'] as string | undefined) ?? null

/** Takes a new name, under which the other nodes know nothing of this one. */
export function renameLedger(db: Database, name: string): void {
  db.transact(() => {
    db.prepare('INSERT OR REPLACE INTO ledger_name(one, name) VALUES (1, ?)').run(name)
    db.exec('DELETE FROM ledger_turn; DELETE FROM ledger_token')
  })
}
