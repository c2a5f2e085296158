import { type Nation, signJws, statementKeyAt, statementType } from '@entente/schema'
import type { Deps } from '../deps.ts'
import { NodeError } from '../errors.ts'
import { statementHash } from '../log/leaf.ts'
import type { ReleaseLog } from '../log/release-log.ts'

/** Feeds that a reset has replaced. */
export const resetTables = `
CREATE TABLE IF NOT EXISTS closed_out(feed TEXT PRIMARY KEY, recipient TEXT NOT NULL, dataset TEXT NOT NULL, replaced_by TEXT NOT NULL) STRICT;
`

/**
 * Begins the feed of a dataset to a nation anew. Its first statement names the feed that it replaces, up to the statement
 * that its recipient acknowledged last; the recipient drops all that feed had given. We forget what it holds, and every record
 * of the dataset is decided again.
 * @returns leaf of the reset
 * @throws {NodeError} `FEED_UNKNOWN`
 */
export function resetFeed(
  deps: Deps,
  log: ReleaseLog,
  { recipient, dataset, reason }: { recipient: Nation; dataset: string; reason: string },
): number {
  const { db } = deps
  const row = db
    .prepare(
      'SELECT feed, ack_received.seq AS acked FROM feed_out LEFT JOIN ack_received USING (feed) WHERE recipient = ? AND dataset = ?',
    )
    .get(recipient, dataset)
  if (row === undefined || dataset === '')
    throw new NodeError(
      'FEED_UNKNOWN',
      `nothing of ${dataset} has ever been released to ${recipient}`,
    )
  const old = row['feed'] as string
  // Whoever holds anything of a feed holds its first statement.
  const seq = (row['acked'] as number | null) ?? 0
  const statement = log.hashInFeed(old, seq)
  const at = log.nextAtMs()
  const payload = {
    origin: deps.origin,
    at,
    feed: null,
    seq: 0,
    prev: null,
    recipient,
    dataset,
    replaces: { feed: old, seq, statement },
    reason,
  }
  const jws = signJws(statementType('reset'), payload, deps.signStatement)
  const feed = statementHash(jws)
  const index = db.transact(() => {
    const salt = deps.randomBytes(32)
    const first = log.append([{ kind: 'reset', jws, salt, atMs: at, feed, seq: 0 }])
    replaceFeed(deps, { recipient, dataset, old, feed })
    return first
  })
  log.noteHead()
  return index
}

/** Puts the new feed in place of the old one, of which nothing is held any more. Inside a transaction. */
export function replaceFeed(
  { db }: Pick<Deps, 'db'>,
  {
    recipient,
    dataset,
    old,
    feed,
  }: { recipient: Nation; dataset: string; old: string; feed: string },
): void {
  db.prepare('DELETE FROM feed_out WHERE feed = ?').run(old)
  db.prepare('DELETE FROM reset_due WHERE recipient = ? AND dataset = ?').run(recipient, dataset)
  db.prepare(
    'INSERT INTO closed_out(feed, recipient, dataset, replaced_by) VALUES (?, ?, ?, ?)',
  ).run(old, recipient, dataset, feed)
  db.prepare(
    'INSERT INTO feed_out(feed, recipient, dataset, seq, last) VALUES (?, ?, ?, 0, ?)',
  ).run(feed, recipient, dataset, feed)
  db.prepare('UPDATE entry_out SET body = NULL WHERE feed = ? AND body IS NOT NULL').run(old)
  const held = db.prepare('SELECT record FROM held WHERE recipient = ? AND dataset = ?')
  const dirty = db.prepare('INSERT OR IGNORE INTO dirty(record) VALUES (?)')
  for (const row of held.all(recipient, dataset)) dirty.run(row['record'] as string)
  db.prepare('DELETE FROM held WHERE recipient = ? AND dataset = ?').run(recipient, dataset)
  db.prepare('INSERT OR IGNORE INTO dirty(record) SELECT id FROM record WHERE dataset = ?').run(
    dataset,
  )
}

/**
 * Begins every feed anew of which a statement no longer counts, because its key has been revoked since: a partner that was away could not
 * admit what comes after it.
 */
export function resetRevoked(deps: Deps, log: ReleaseLog): void {
  const { db, origin, self } = deps
  if (self.member.revocations.length === 0) return
  const feeds = db.prepare("SELECT feed, recipient, dataset FROM feed_out WHERE dataset <> ''")
  const indices = db.prepare('SELECT idx FROM statement WHERE feed = ?')
  const isRevoked = (index: number) => statementKeyAt(self.member, origin, index)?.revoked != null
  for (const { feed, recipient, dataset } of feeds.all())
    if (indices.all(feed as string).some(({ idx }) => isRevoked(idx as number)))
      resetFeed(deps, log, {
        recipient: recipient as Nation,
        dataset: dataset as string,
        reason: 'the key of some of its statements has been revoked',
      })
}

/** Begins every feed anew of which a recovery could not say what its recipient holds. @returns whether there was one */
export function resetDue(deps: Deps, log: ReleaseLog): boolean {
  const due = deps.db.prepare('SELECT recipient, dataset FROM reset_due ORDER BY 1, 2').all()
  for (const row of due)
    resetFeed(deps, log, {
      recipient: row['recipient'] as Nation,
      dataset: row['dataset'] as string,
      reason: 'recovered without the openings of what was released',
    })
  return due.length > 0
}
