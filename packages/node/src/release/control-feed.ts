import {
  canonicalJson,
  type Json,
  type Nation,
  type StatementPlace,
  signJws,
  statementType,
} from '@entente/schema'
import type { Deps } from '../deps.ts'
import { statementHash } from '../log/leaf.ts'
import type { ReleaseLog } from '../log/release-log.ts'
import { placeInFeed } from './seal.ts'

/** What travels beside statements of our control feeds, by leaf. */
export const bodyTables = `
CREATE TABLE IF NOT EXISTS statement_body(idx INTEGER PRIMARY KEY, json TEXT NOT NULL) STRICT;
`

/** What goes beside a statement of a control feed; null: nothing does. */
export function bodyOf({ db }: Pick<Deps, 'db'>, index: number): unknown {
  const row = db.prepare('SELECT json FROM statement_body WHERE idx = ?').get(index)
  return row === undefined ? null : JSON.parse(row['json'] as string)
}

/** A statement as the log and the recipient know it. */
export interface SealedPlace extends StatementPlace {
  readonly index: number
}

/** What is settled already where the payload commits to something. */
interface Fixed {
  /** Hides the leaf, 32 bytes. */
  readonly salt?: Uint8Array
  /** Not before the last leaf of the log. */
  readonly atMs?: number
  /** What travels beside it, whose digest is in what is said. */
  readonly body?: Json
}

/**
 * Signs the next statement of our control feed to a nation and appends it to the log. Inside the caller's transaction, which
 * calls `log.noteHead` when it is committed.
 * @param said members of the payload beside those of every statement of a feed
 */
export function appendToControlFeed(
  deps: Deps,
  log: ReleaseLog,
  kind:
    | 'subscribe'
    | 'recall'
    | 'purge'
    | 'catalogue-request'
    | 'catalogue'
    | 'releaser'
    | 'consent'
    | 'request'
    | 'answer',
  recipient: Nation,
  said: Readonly<Record<string, unknown>>,
  { salt = deps.randomBytes(32), atMs = log.nextAtMs(), body }: Fixed = {},
): SealedPlace {
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
  const index = log.append([{ kind, jws, salt, atMs, feed, seq }])
  if (body !== undefined)
    deps.db
      .prepare('INSERT INTO statement_body(idx, json) VALUES (?, ?)')
      .run(index, canonicalJson(body))
  return { index, feed, seq, statement }
}
