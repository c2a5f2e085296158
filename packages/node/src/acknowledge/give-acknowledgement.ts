import {
  Acknowledgement,
  acknowledgementType,
  canonicalJson,
  peekJws,
  signJws,
} from '@entente/schema'
import { tallyIn } from '../admit/tally.ts'
import type { Deps, Partner } from '../deps.ts'
import { statementHash } from '../log/leaf.ts'

/** Refused entries that one acknowledgement names, the newest; it must fit in a frame whatever a partner sends. */
const REFUSED_NAMED = 500

/** Signs and keeps our cumulative word on one feed of a partner: up to here, refused these, so many never opened. */
export function giveAcknowledgement(deps: Deps, partner: Partner, feed: string): string {
  const { db } = deps
  const row = db
    .prepare(
      'SELECT body_seq, unopened, jws FROM feed_in JOIN statement_in ON statement_in.feed = feed_in.feed AND statement_in.seq = body_seq WHERE feed_in.feed = ?',
    )
    .get(feed)
  const seq = row?.['body_seq'] as number
  const refused = db
    .prepare(
      'SELECT seq, entry, code FROM quarantine WHERE feed = ? ORDER BY seq DESC, entry LIMIT ?',
    )
    .all(feed, REFUSED_NAMED)
    .map((each) => ({
      seq: each['seq'] as number,
      entry: each['entry'] as string,
      code: each['code'] as string,
    }))
  const tally = tallyIn(db, feed)
  const ack: Acknowledgement = {
    feed,
    seq,
    statement: statementHash(row?.['jws'] as string),
    by: deps.nation,
    to: partner.nation,
    at: deps.clock.nowMs(),
    refused,
    unopened: row?.['unopened'] as number,
    ...(tally !== null && { tally }),
  }
  // The same word again is the same bytes: what both sides hold and log does not depend on how often it was said.
  const said = db.prepare('SELECT jws FROM ack_given WHERE feed = ?').get(feed)?.['jws']
  if (typeof said === 'string') {
    const before = Acknowledgement.parse(peekJws(said).payload)
    if (canonicalJson(before) === canonicalJson({ ...ack, at: before.at })) return said
  }
  const jws = signJws(acknowledgementType, ack, deps.signStatement)
  db.prepare(
    'INSERT INTO ack_given(feed, seq, jws) VALUES (?, ?, ?) ON CONFLICT(feed) DO UPDATE SET seq = excluded.seq, jws = excluded.jws',
  ).run(feed, seq, jws)
  return jws
}
