import { type Nation, signJws, statementType } from '@entente/schema'
import type { Deps } from '../deps.ts'
import { statementHash } from '../log/leaf.ts'
import type { ReleaseLog } from '../log/release-log.ts'
import { placeInFeed } from './seal.ts'

/** Asks a nation for a dataset (or no longer), as a signed statement in our control feed to it. @returns its seq */
export function sealSubscribe(
  deps: Deps,
  log: ReleaseLog,
  request: {
    readonly dataset: string
    readonly from: Nation
    readonly action: 'subscribe' | 'unsubscribe'
  },
): number {
  const { db } = deps
  const atMs = Math.max(deps.clock.nowMs(), log.lastAtMs())
  const seq = db.transact(() => {
    const place = placeInFeed(deps, request.from, '')
    const payload = {
      origin: deps.origin,
      at: atMs,
      ...place,
      recipient: request.from,
      dataset: request.dataset,
      action: request.action,
    }
    const jws = signJws(statementType('subscribe'), payload, deps.signStatement)
    const hash = statementHash(jws)
    const feed = place.feed ?? hash
    db.prepare(
      'INSERT INTO feed_out(feed, recipient, dataset, seq, last) VALUES (?, ?, ?, ?, ?) ON CONFLICT(feed) DO UPDATE SET seq = excluded.seq, last = excluded.last',
    ).run(feed, request.from, '', place.seq, hash)
    log.append([{ kind: 'subscribe', jws, salt: deps.randomBytes(32), atMs, feed, seq: place.seq }])
    return place.seq
  })
  log.noteHead()
  return seq
}

/** A partner's subscription, admitted: every record of the dataset is to be decided for it. Inside a transaction. */
export function noteSubscription(
  { db }: Deps,
  nation: Nation,
  dataset: string,
  subscribed: boolean,
): void {
  if (subscribed)
    db.prepare('INSERT OR IGNORE INTO subscription(nation, dataset) VALUES (?, ?)').run(
      nation,
      dataset,
    )
  else db.prepare('DELETE FROM subscription WHERE nation = ? AND dataset = ?').run(nation, dataset)
  db.prepare('INSERT OR IGNORE INTO dirty(record) SELECT id FROM record WHERE dataset = ?').run(
    dataset,
  )
}
