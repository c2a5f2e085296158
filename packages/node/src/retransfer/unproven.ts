import type { Deps } from '../deps.ts'

/** How many nations a recall of a partner made us recall from, and which have not said yet that they purged it. */
export const unprovenDownstream = ({ db }: Pick<Deps, 'db'>, feed: string, seq: number): number =>
  db
    .prepare(
      'SELECT COUNT(DISTINCT recipient) AS n FROM recall_down JOIN recall_out ON recall_out.feed = out_feed AND recall_out.seq = out_seq WHERE recall_down.feed = ? AND recall_down.seq = ? AND purge = 1 AND purged IS NULL',
    )
    .get(feed, seq)?.['n'] as number
