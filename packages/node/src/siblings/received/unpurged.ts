import type { Nation } from '@entente/schema'
import type { Deps } from '../../deps.ts'

/** Recalls with purge that another node of ours has not carried out yet, though it may hold what they name. */
export interface Unpurged {
  readonly nation: Nation
  readonly recalls: number
}

/**
 * By nation, what a node of ours that was passed what these recalls name has not said that it purged. The word that we gave their nation
 * is that of the node that receives: until this is empty it is not true of the whole nation.
 */
export function unpurgedAt({ db }: Pick<Deps, 'db'>, peer: string): readonly Unpurged[] {
  return db
    .prepare(
      `SELECT sender AS nation, COUNT(*) AS recalls FROM recall_in
       WHERE purge = 1 AND EXISTS (
         SELECT 1 FROM passing AS said JOIN passed_to ON passed_to.origin = said.origin AND peer = ?
           JOIN passing AS gave ON gave.origin = said.origin AND gave.feed = release_feed AND gave.seq = release_seq
         WHERE said.feed = recall_in.feed AND said.seq = recall_in.seq
           AND said.n > passed_to.n AND gave.n <= passed_to.n
       ) GROUP BY sender ORDER BY sender`,
    )
    .all(peer)
    .map((row) => ({ nation: row['nation'] as Nation, recalls: row['recalls'] as number }))
}
