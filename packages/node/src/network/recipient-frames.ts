import { formatBase64 } from '@entente/tlog'
import type { Database } from '../adapters/sqlite-database.ts'
import { largestCheckpoint } from '../admit/evidence.ts'
import { feedsOf } from '../admit/place.ts'
import type { Deps, Partner } from '../deps.ts'
import { MOST_FEEDS, type RecipientFrame } from '../feed/frames.ts'
import { statementHash } from '../log/leaf.ts'

type Which = 'control' | 'feed'
type Frame<T extends RecipientFrame['t']> = Extract<RecipientFrame, { readonly t: T }>

/** What this node holds of a partner's feeds, as a `resume` says it. */
export function resumeOf(deps: Deps, which: Which, partner: Partner): Frame<'resume'> {
  const stored = largestCheckpoint(deps, partner.log.origin)
  return {
    t: 'resume',
    checkpoint: stored === null ? null : { size: stored.size, root: formatBase64(stored.root) },
    feeds: headsOf(deps, which, partner),
  }
}

/** Heads of the feeds of this partner: the last statement whose bodies were dealt with. What is not named comes anew, and is known. */
function headsOf(deps: Deps, which: Which, partner: Partner): Frame<'resume'>['feeds'] {
  const feeds = feedsOf(deps, partner, which)
  return deps.db
    .prepare(
      'SELECT feed_in.feed, body_seq, jws FROM feed_in JOIN statement_in ON statement_in.feed = feed_in.feed AND statement_in.seq = body_seq WHERE feed_in.sender = ?',
    )
    .all(partner.nation)
    .filter(({ feed }) => feeds.has(feed as string))
    .slice(0, MOST_FEEDS)
    .map((row) => ({
      feed: row['feed'] as string,
      seq: row['body_seq'] as number,
      hash: statementHash(row['jws'] as string),
    }))
}

/** The last word on each feed of this partner. */
export function acknowledgementsOf(deps: Deps, which: Which, partner: Partner): string[] {
  const feeds = feedsOf(deps, partner, which)
  return deps.db
    .prepare('SELECT feed, jws FROM ack_given JOIN feed_in USING (feed) WHERE sender = ?')
    .all(partner.nation)
    .filter(({ feed }) => feeds.has(feed as string))
    .map((row) => row['jws'] as string)
}

/** Bodies of this partner that were refused, and are to be asked for again. */
export function quarantinedOf(
  db: Database,
  partner: Partner,
  limit: number,
  offset: number,
): Frame<'again'>[] {
  return db
    .prepare(
      'SELECT quarantine.feed AS feed, quarantine.seq AS seq, entry FROM quarantine JOIN feed_in ON feed_in.feed = quarantine.feed WHERE sender = ? ORDER BY 1, 2, 3 LIMIT ? OFFSET ?',
    )
    .all(partner.nation, limit, offset)
    .map((row) => ({
      t: 'again',
      feed: row['feed'] as string,
      seq: row['seq'] as number,
      entry: row['entry'] as string,
    }))
}
