import { signJws, statementType } from '@entente/schema'
import type { Deps } from '../deps.ts'
import { statementHash } from '../log/leaf.ts'
import type { ReleaseLog } from '../log/release-log.ts'
import type { Beat } from '../log/rhythm.ts'

/** `ack_committed`: the acknowledgement of each feed that the latest leaf to name one has committed to. */
export const ackTables = `
CREATE TABLE IF NOT EXISTS ack_period(idx INTEGER PRIMARY KEY, until_ms INTEGER NOT NULL, given TEXT NOT NULL, received TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS ack_committed(side TEXT NOT NULL, feed TEXT NOT NULL, hash TEXT NOT NULL, PRIMARY KEY(side, feed)) STRICT, WITHOUT ROWID;
`

/** One `ack` leaf a period, by default 15 minutes; the first period begins with the log. */
export function ackBeat(
  deps: Deps,
  log: ReleaseLog,
  sealed: () => void,
  everyMs: number = 900_000,
): Beat {
  return {
    everyMs,
    lastMs: () => lastPeriodMs(deps) || (log.firstAtMs() ?? 0),
    act: () => {
      closeAckPeriod(deps, log)
      sealed()
    },
  }
}

/** End of the last period, ms; before there is one, 0. */
const lastPeriodMs = ({ db }: Deps): number =>
  (db.prepare('SELECT MAX(until_ms) AS until FROM ack_period').get()?.['until'] as number | null) ??
  0

/**
 * Logs one `ack` leaf that commits to the last acknowledgement given and received on each feed where one has come since
 * the leaf before: words are cumulative, so no more is needed, and the leaf grows with the feeds, not with time. One leaf a
 * period, also when nothing happened, so that the growth of the log does not echo who received what.
 */
export function closeAckPeriod(deps: Deps, log: ReleaseLog): void {
  const { db } = deps
  const until = log.nextAtMs()
  db.transact(() => {
    const given = freshAcks(deps, 'given')
    const received = freshAcks(deps, 'received')
    const payload = {
      origin: deps.origin,
      at: until,
      from: lastPeriodMs(deps),
      until,
      given: given.map(({ hash }) => hash).sort(),
      received: received.map(({ hash }) => hash).sort(),
    }
    const jws = signJws(statementType('ack'), payload, deps.signStatement)
    const index = log.append([
      { kind: 'ack', jws, salt: deps.randomBytes(32), atMs: until, feed: null, seq: null },
    ])
    db.prepare('INSERT INTO ack_period(idx, until_ms, given, received) VALUES (?, ?, ?, ?)').run(
      index,
      until,
      JSON.stringify(given.map((ack) => ack.jws)),
      JSON.stringify(received.map((ack) => ack.jws)),
    )
    const commit = db.prepare(
      'INSERT OR REPLACE INTO ack_committed(side, feed, hash) VALUES (?, ?, ?)',
    )
    for (const { feed, hash } of given) commit.run('given', feed, hash)
    for (const { feed, hash } of received) commit.run('received', feed, hash)
  })
  log.noteHead()
}

/** Acknowledgements of one side that no leaf has committed to. */
function freshAcks({ db }: Deps, side: 'given' | 'received') {
  const committed = db.prepare('SELECT hash FROM ack_committed WHERE side = ? AND feed = ?')
  return db
    .prepare(`SELECT feed, jws FROM ack_${side} ORDER BY feed`)
    .all()
    .map((row) => ({ feed: row['feed'] as string, jws: row['jws'] as string }))
    .map((row) => ({ ...row, hash: statementHash(row.jws) }))
    .filter(({ feed, hash }) => committed.get(side, feed)?.['hash'] !== hash)
}
