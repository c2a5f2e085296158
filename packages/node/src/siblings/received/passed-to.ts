import type { Nation } from '@entente/schema'
import type { Deps } from '../../deps.ts'
import type { Reached } from './frames.ts'

/** What stands up to a place is on its way: from now on the other node may hold it, whether or not it says so. */
export function noteSent(
  { db, partners, further }: Pick<Deps, 'db' | 'partners' | 'further'>,
  peer: string,
  until: number,
): void {
  db.transact(() => {
    const put = db.prepare(
      'INSERT INTO passed_to(peer, origin, n, sent) VALUES (?, ?, 0, ?) ON CONFLICT DO UPDATE SET sent = max(sent, excluded.sent)',
    )
    for (const { log } of [...partners.values(), ...further]) put.run(peer, log.origin, until)
  })
}

/** It says how far it has come: all that takes back up to there is carried out. Of a log that it does not name it wants everything again. */
export function noteReached(
  { db }: Pick<Deps, 'db'>,
  peer: string,
  reached: Reached,
  recalls: readonly string[] = [],
): void {
  db.transact(() => {
    // Of digests that are known here alone: others may be any number.
    const carried = db.prepare(
      'INSERT OR IGNORE INTO passed_recall(peer, digest) SELECT ?, digest FROM root_recall WHERE digest = ?',
    )
    for (const digest of recalls) carried.run(peer, digest)
    db.prepare('UPDATE passed_to SET n = 0 WHERE peer = ?').run(peer)
    const put = db.prepare('UPDATE passed_to SET n = ? WHERE peer = ? AND origin = ?')
    for (const { origin, n } of reached) put.run(n, peer, origin)
  })
}

/** Recalls with purge that another node of ours has not carried out yet, though it may hold what they name. */
export interface Unpurged {
  readonly nation: Nation
  readonly recalls: number
}

/**
 * By nation, what a node of ours that was passed what these recalls name has not said that it purged. The word that we gave their nation
 * is that of the node that receives: until this is empty it is not true of the whole nation. A word whose key was revoked is told to nobody any more, and asks for nothing.
 */
export function unpurgedAt(
  { db, nation }: Pick<Deps, 'db' | 'nation'>,
  peer: string,
): readonly Unpurged[] {
  return db
    .prepare(
      `SELECT nation, COUNT(*) AS recalls FROM (SELECT sender AS nation FROM recall_in
       WHERE purge = 1 AND EXISTS (
         SELECT 1 FROM passing AS said JOIN passed_to ON passed_to.origin = said.origin AND peer = ?1
           JOIN passing AS gave ON gave.origin = said.origin AND gave.feed = release_feed AND gave.seq = release_seq
         WHERE said.feed = recall_in.feed AND said.seq = recall_in.seq
           AND said.n > passed_to.n AND gave.n <= passed_to.sent
       )
       UNION ALL SELECT nation FROM root_recall
       WHERE purge = 1 AND nation <> ?2 AND digest IN (SELECT digest FROM root_recalled)
         AND digest NOT IN (SELECT digest FROM passed_recall WHERE peer = ?1)
         AND EXISTS (SELECT 1 FROM passed_to WHERE peer = ?1 AND sent > 0)
       ) GROUP BY nation ORDER BY nation`,
    )
    .all(peer, nation)
    .map((row) => ({ nation: row['nation'] as Nation, recalls: row['recalls'] as number }))
}
