import { type Nation, peekJws } from '@entente/schema'
import type { Database } from '../adapters/sqlite-database.ts'
import type { LoggedStatement, ReleaseLog } from '../log/release-log.ts'

/** Whether a feed still has an alert to send, from this statement on. */
export const hasAlert = (db: Database, feed: string, from: number): boolean =>
  db
    .prepare(
      'SELECT 1 FROM alert_out WHERE feed = ? AND seq >= ? AND EXISTS (SELECT 1 FROM entry_out WHERE entry_out.feed = alert_out.feed AND entry_out.record = alert_out.record AND body IS NOT NULL) LIMIT 1',
    )
    .get(feed, from) !== undefined

/** What takes away does not wait behind more statements of its feed than these: it is told ahead as well. */
const WAITS_BEHIND = 8

/** What decides whether a statement may be told ahead. */
export interface TakesAway {
  readonly feed: string | null
  readonly seq: number
  readonly effect?: 'widen' | 'narrow'
  /** Of a consent. */
  readonly action?: string
}

/**
 * Statements to a nation that take something away and would come late in their place: what has no quorum yet, and what has many
 * statements before it that the nation has not acknowledged. In the order of the log.
 * @param from look only at leaves from here on
 */
export function* urgentStatements(
  db: Database,
  log: ReleaseLog,
  recipient: Nation,
  publishedSize: number,
  from: number,
): Iterable<LoggedStatement> {
  const rows = db
    .prepare(
      'SELECT statement.idx AS idx, statement.seq AS seq, coalesce(ack_received.seq, -1) AS acked FROM feed_out LEFT JOIN ack_received USING (feed) CROSS JOIN statement ON statement.feed = feed_out.feed AND statement.seq > coalesce(ack_received.seq, -1) WHERE recipient = ? AND statement.idx >= ? ORDER BY statement.idx',
    )
    .all(recipient, from)
  for (const row of rows) {
    const [index, seq, acked] = [row['idx'], row['seq'], row['acked']] as [number, number, number]
    if (index < publishedSize && seq - acked <= WAITS_BEHIND) continue
    const statement = log.statement(index)
    if (statement === null) continue
    const { effect, action } = peekJws(statement.jws).payload as unknown as TakesAway
    const takesBack =
      statement.kind === 'recall' ||
      statement.kind === 'reset' ||
      (statement.kind === 'consent' && action === 'withdraw')
    // Of what is published the control feed tells recalls itself, and a reset begins its feed.
    if (takesBack ? index >= publishedSize : effect === 'narrow') yield statement
  }
}
