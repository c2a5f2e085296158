import {
  type Nation,
  NationRecallError,
  openNationRecall,
  type Purge,
  peekJws,
} from '@entente/schema'
import type { Deps } from '../deps.ts'
import { noteHeldNoLonger } from '../release/held-no-longer.ts'

/**
 * A nation says that it purged what was recalled by the word of ours. Of a word that does not count, and of which nothing was known here, it
 * is noted what that nation holds no longer: it goes again, as the policy says.
 * @returns false when it names no such recall, or none yet. Inside a transaction.
 */
export function noteNationPurge(
  deps: Deps,
  nation: Nation,
  { recall, purged, unproven = 0, word }: Pick<Purge, 'recall' | 'purged' | 'unproven' | 'word'>,
): boolean {
  const { db, nation: own } = deps
  const known = db
    .prepare('SELECT 1 FROM root_recall WHERE digest = ? AND nation = ?')
    .get(recall.statement, own)
  if (known === undefined && word !== undefined)
    return noteGone(deps, nation, recall.statement, word)
  if (known === undefined || recall.feed !== recall.statement || recall.seq !== 0) return false
  // Whom another nation had given it by consent says so too; that is not counted here.
  db.prepare(
    'UPDATE root_recall_out SET purged = ?, unproven = ? WHERE digest = ? AND recipient = ?',
  ).run(purged, unproven, recall.statement, nation)
  return true
}

function noteGone(
  { db, nation: own, roster, verify }: Deps,
  nation: Nation,
  digest: string,
  word: string,
): boolean {
  try {
    const opened = openNationRecall(roster.members, word, verify)
    const { recall, isRevoked } = opened
    if (!isRevoked || recall.nation !== own || opened.digest !== digest) return false
    for (const record of new Set(recall.records)) noteHeldNoLonger(db, nation, record)
    return true
  } catch (error) {
    if (error instanceof NationRecallError) return false
    throw error
  }
}

/** A word was taken, or a key revoked: what partners had said to have purged by words unknown until then is looked at again. Inside a transaction. */
export function lookAtPurgesAgain(deps: Deps): void {
  const { db } = deps
  const kept = db.prepare(
    "SELECT kept_in.feed, kept_in.seq, kept_in.sender, jws FROM kept_in JOIN statement_in ON statement_in.feed = kept_in.feed AND statement_in.seq = kept_in.seq WHERE kind = 'purge'",
  )
  for (const { feed, seq, sender, jws } of kept.all()) {
    const purge = peekJws(jws as string).payload as unknown as Purge
    if (noteNationPurge(deps, sender as Nation, purge))
      db.prepare('DELETE FROM kept_in WHERE feed = ? AND seq = ?').run(
        feed as string,
        seq as number,
      )
  }
}
