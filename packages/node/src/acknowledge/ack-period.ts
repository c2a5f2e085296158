import { signJws, statementType } from '@entente/schema'
import type { Deps } from '../deps.ts'
import { statementHash } from '../log/leaf.ts'
import type { ReleaseLog } from '../log/release-log.ts'

export const ackTables = `
CREATE TABLE IF NOT EXISTS ack_period(idx INTEGER PRIMARY KEY, until_ms INTEGER NOT NULL, given TEXT NOT NULL, received TEXT NOT NULL) STRICT;
`

/**
 * Logs one `ack` leaf that commits to the last acknowledgement given and received on each feed. One leaf per period,
 * also when nothing happened, so that the growth of the log does not echo who received what.
 */
export function closeAckPeriod(deps: Deps, log: ReleaseLog): void {
  const { db } = deps
  const digests = (table: 'ack_given' | 'ack_received') =>
    db
      .prepare(`SELECT jws FROM ${table} ORDER BY feed`)
      .all()
      .map((row) => row['jws'] as string)
  const given = digests('ack_given')
  const received = digests('ack_received')
  const until = Math.max(deps.clock.nowMs(), log.lastAtMs())
  const from =
    (db.prepare('SELECT MAX(until_ms) AS until FROM ack_period').get()?.['until'] as
      | number
      | null) ?? 0
  const payload = {
    origin: deps.origin,
    at: until,
    from,
    until,
    given: given.map(statementHash).sort(),
    received: received.map(statementHash).sort(),
  }
  const jws = signJws(statementType('ack'), payload, deps.signStatement)
  db.transact(() => {
    const index = log.append([
      { kind: 'ack', jws, salt: deps.randomBytes(32), atMs: until, feed: null, seq: null },
    ])
    db.prepare('INSERT INTO ack_period(idx, until_ms, given, received) VALUES (?, ?, ?, ?)').run(
      index,
      until,
      JSON.stringify(given),
      JSON.stringify(received),
    )
  })
  log.noteHead()
}
