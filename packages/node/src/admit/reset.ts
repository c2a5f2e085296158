import type { RecordId, Reset } from '@entente/schema'
import type { Deps, Partner } from '../deps.ts'
import { statementHash } from '../log/leaf.ts'
import { AdmitError } from './codes.ts'
import type { Holdings } from './holdings.ts'
import type { Refuse } from './place.ts'

/**
 * A reset replaces the feed that we hold of its dataset, up to a statement that we hold: who names another feed or another
 * history of it does not speak of what we have. Where we hold none there is nothing to replace.
 * @throws {AdmitError} `RESET_MISMATCH`
 */
export function checkReset(
  { db, isReceiver }: Deps,
  partner: Partner,
  reset: Reset,
  refuse: Refuse,
): void {
  const held = db
    .prepare('SELECT feed, seq FROM feed_in WHERE sender = ? AND dataset = ?')
    .get(partner.nation, reset.dataset)
  if (held === undefined) return
  const { feed, seq, statement } = reset.replaces
  if (held['feed'] !== feed)
    throw refuse(
      'RESET_MISMATCH',
      `it replaces feed ${feed.slice(0, 8)}, which is not the one held`,
    )
  // Our receiver had come further with the feed that is replaced, of which it passes nothing on any more.
  if (!isReceiver && seq > (held['seq'] as number)) return
  const named = db.prepare('SELECT jws FROM statement_in WHERE feed = ? AND seq = ?').get(feed, seq)
  if (named === undefined || statementHash(named['jws'] as string) !== statement)
    throw refuse('RESET_MISMATCH', `it names another statement ${seq} than the one held`)
}

/**
 * A reset that has no quorum yet: what it takes back is hidden, and nothing more. Its sender says no more of the old feed, so what
 * may no longer be had could not be taken back there.
 * @returns whether there is a feed that it replaces
 * @throws {AdmitError} `RESET_MISMATCH`
 */
export function hideReplaced(
  deps: Deps,
  holdings: Holdings,
  partner: Partner,
  reset: Reset,
  replacedBy: string,
): boolean {
  const refuse: Refuse = (code, message) =>
    new AdmitError('statement', code, `a reset of ${partner.nation}: ${message}`)
  checkReset(deps, partner, reset, refuse)
  const row = deps.db
    .prepare('SELECT feed, seq FROM feed_in WHERE sender = ? AND dataset = ?')
    .get(partner.nation, reset.dataset)
  if (row === undefined || row['feed'] === replacedBy) return false
  const [feed, seq] = [row['feed'] as string, row['seq'] as number]
  const place = { partner, feed, dataset: reset.dataset, seq }
  deps.db.transact(() => {
    for (const { record } of deps.db.prepare('SELECT record FROM held_in WHERE feed = ?').all(feed))
      holdings.hide(place, { op: 'drop', record: record as RecordId })
  })
  return true
}

/** Closes the feed that a reset replaces, for good, with all that it has given. Inside a transaction. */
export function closeReplaced(
  { db }: Deps,
  holdings: Holdings,
  partner: Partner,
  { dataset }: Reset,
  replacedBy: string,
): void {
  const row = db
    .prepare('SELECT feed, seq FROM feed_in WHERE sender = ? AND dataset = ?')
    .get(partner.nation, dataset)
  if (row === undefined) return
  const feed = row['feed'] as string
  holdings.close(feed)
  db.prepare('DELETE FROM feed_in WHERE feed = ?').run(feed)
  db.prepare(
    'INSERT INTO closed_in(feed, sender, dataset, seq, replaced_by) VALUES (?, ?, ?, ?, ?)',
  ).run(feed, partner.nation, dataset, row['seq'] as number, replacedBy)
}
