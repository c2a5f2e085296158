import type { Recall } from '@entente/schema'
import type { Deps, Partner } from '../deps.ts'
import { statementHash } from '../log/leaf.ts'
import { type GivenRecord, takeLeft } from '../retransfer/left-records.ts'
import { AdmitError } from './codes.ts'
import type { Holdings } from './holdings.ts'

/** Where a recall stands in its control feed. */
export interface RecallPlace {
  readonly feed: string
  readonly seq: number
  /** Digest of the recall. */
  readonly hash: string
}

/** What partners have taken back, release by release. What is recalled once is never admitted again. */
export interface Recalls {
  /**
   * Takes back what a recall names, whether it comes as a notice, in its place, or before the release itself. Inside a
   * transaction. @throws {AdmitError} `RECALL_MISMATCH`
   */
  readonly apply: (partner: Partner, recall: Recall, place: RecallPlace) => void
  /** Whether this entry of a release has been recalled. */
  readonly covers: (partner: Partner, feed: string, seq: number, entry: string) => boolean
}

/** @param onRecalled told of the records that a recall took back, those that were held no longer too, inside its transaction */
export function createRecalls(
  { db }: Deps,
  holdings: Holdings,
  onRecalled: (
    partner: Partner,
    recall: Recall,
    place: RecallPlace,
    records: readonly GivenRecord[],
  ) => void,
): Recalls {
  const check = (partner: Partner, { release, dataset }: Recall): void => {
    const refuse = (message: string) =>
      new AdmitError('statement', 'RECALL_MISMATCH', `a recall of ${partner.nation} ${message}`)
    const row = db.prepare('SELECT sender, dataset FROM feed_in WHERE feed = ?').get(release.feed)
    if (row !== undefined && (row['sender'] !== partner.nation || row['dataset'] !== dataset))
      throw refuse(`names a feed that is not its feed for ${dataset}`)
    const held = db
      .prepare('SELECT jws FROM statement_in WHERE feed = ? AND seq = ?')
      .get(release.feed, release.seq)
    if (held !== undefined && statementHash(held['jws'] as string) !== release.statement)
      throw refuse(`names another statement ${release.seq} than the one held`)
  }
  return {
    apply: (partner, recall, where) => {
      const { feed, seq, hash } = where
      check(partner, recall)
      const { release, dataset, entries, purge } = recall
      const place = { partner, feed: release.feed, dataset, seq: release.seq }
      const gone = holdings.recall(place, entries)
      const left = takeLeft(db, release.feed, release.seq, entries)
      onRecalled(partner, recall, where, [...gone, ...left])
      db.prepare(
        'INSERT INTO recall_in(feed, seq, sender, statement, release_feed, release_seq, entries, purge, purged) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET purged = purged + excluded.purged',
      ).run(
        feed,
        seq,
        partner.nation,
        hash,
        release.feed,
        release.seq,
        JSON.stringify(entries),
        purge ? 1 : 0,
        gone.length,
      )
    },
    covers: (partner, feed, seq, entry) =>
      db
        .prepare(
          'SELECT entries FROM recall_in WHERE release_feed = ? AND release_seq = ? AND sender = ?',
        )
        .all(feed, seq, partner.nation)
        .some((row) => {
          const entries = JSON.parse(row['entries'] as string) as string[]
          return entries.length === 0 || entries.includes(entry)
        }),
  }
}
