import { type Nation, type StatementPlace, signJws, statementType } from '@entente/schema'
import type { Deps } from '../deps.ts'
import { statementHash } from '../log/leaf.ts'
import type { ReleaseLog } from '../log/release-log.ts'
import { placeInFeed } from './seal.ts'

/** A statement as the log and the recipient know it. */
export interface SealedPlace extends StatementPlace {
  readonly index: number
}

/**
 * Signs the next statement of our control feed to a nation and appends it to the log. Inside the caller's transaction, which
 * calls `log.noteHead` when it is committed.
 * @param said members of the payload beside those of every statement of a feed
 */
export function appendToControlFeed(
  deps: Deps,
  log: ReleaseLog,
  kind: 'subscribe' | 'recall' | 'purge',
  recipient: Nation,
  said: Readonly<Record<string, unknown>>,
): SealedPlace {
  const atMs = log.nextAtMs()
  const place = placeInFeed(deps, recipient, '')
  const payload = { origin: deps.origin, at: atMs, ...place, recipient, ...said }
  const jws = signJws(statementType(kind), payload, deps.signStatement)
  const statement = statementHash(jws)
  const feed = place.feed ?? statement
  const { seq } = place
  deps.db
    .prepare(
      'INSERT INTO feed_out(feed, recipient, dataset, seq, last) VALUES (?, ?, ?, ?, ?) ON CONFLICT(feed) DO UPDATE SET seq = excluded.seq, last = excluded.last',
    )
    .run(feed, recipient, '', seq, statement)
  const index = log.append([{ kind, jws, salt: deps.randomBytes(32), atMs, feed, seq }])
  return { index, feed, seq, statement }
}
