import {
  Acknowledgement,
  acknowledgementType,
  JwsError,
  keyBytes,
  type Member,
  openJws,
  unrevokedKeys,
  type Verify,
} from '@entente/schema'
import type { Deps, Partner } from '../deps.ts'
import type { ReleaseLog } from '../log/release-log.ts'
import { countSent } from './tally-out.ts'

/** A word that is repeated counts as heard again after so long, ms: sooner, it is not written again, and is news to nobody. */
const REPEATED_MS = 60_000

/**
 * Keeps a partner's signed word on one of our feeds to it, the newest one. One that names no statement of ours is
 * refused: it is evidence of nothing.
 * @returns `known`: it was repeated, as each resume does
 * @throws {JwsError} when it is not signed by the partner's node
 */
export function takeAcknowledgement(
  deps: Deps,
  log: ReleaseLog,
  partner: Partner,
  jws: string,
): 'kept' | 'known' | 'refused' {
  const { db, clock, journal, nation } = deps
  const ack = openAcknowledgement(jws, partner.member, deps.verify)
  const feed = db
    .prepare(
      'SELECT 1 FROM feed_out WHERE feed = ?1 AND recipient = ?2 UNION ALL SELECT 1 FROM closed_out WHERE feed = ?1 AND recipient = ?2',
    )
    .get(ack.feed, partner.nation)
  const isOurs = feed !== undefined && log.hashInFeed(ack.feed, ack.seq) === ack.statement
  if (ack.by !== partner.nation || ack.to !== nation || !isOurs) {
    const message = `an acknowledgement of ${partner.nation} names no statement of ours`
    journal.refused({ from: partner.nation, code: 'ACK_FORM', message })
    return 'refused'
  }
  const nowMs = clock.nowMs()
  const known = db.prepare('SELECT jws, at_ms FROM ack_received WHERE feed = ?').get(ack.feed)
  if (known?.['jws'] === jws && Math.abs(nowMs - (known['at_ms'] as number)) < REPEATED_MS)
    return 'known'
  db.prepare(
    'INSERT INTO ack_received(feed, seq, jws, refused, unopened, at_ms) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT(feed) DO UPDATE SET seq = excluded.seq, jws = excluded.jws, refused = excluded.refused, unopened = excluded.unopened, at_ms = excluded.at_ms WHERE excluded.seq >= ack_received.seq',
  ).run(ack.feed, ack.seq, jws, ack.refused.length, ack.unopened, nowMs)
  countSent(db, ack.feed, ack.seq)
  deps.onStep('feed:acknowledged')
  return 'kept'
}

/** The newest key signs; one that no revocation names still counts, while a partner has not installed the newest roster. */
function openAcknowledgement(jws: string, member: Member, verify: Verify): Acknowledgement {
  let refused: unknown
  for (const key of unrevokedKeys(member))
    try {
      return Acknowledgement.parse(openJws(jws, acknowledgementType, keyBytes(key), verify))
    } catch (error) {
      if (!(error instanceof JwsError)) throw error
      refused ??= error
    }
  throw refused ?? new JwsError('JWS_SIGNATURE', `every key of ${member.nation} is revoked`)
}
