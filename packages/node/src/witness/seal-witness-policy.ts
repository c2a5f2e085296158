import {
  digestOf,
  peekJws,
  signJws,
  statementType,
  type WitnessPolicyInForce,
} from '@entente/schema'
import type { Deps } from '../deps.ts'
import type { ReleaseLog } from '../log/release-log.ts'

/**
 * Logs the witness policy by which this log goes from here on, when it is another than the last one logged: a leaf and a
 * checkpoint of its own, before anything is released under it.
 * @returns whether there was something to log
 */
export function sealWitnessPolicy(deps: Deps, log: ReleaseLog): boolean {
  const { db, origin, randomBytes, roster, hash } = deps
  const { number } = roster.witnessPolicy
  const digest = digestOf(roster.witnessPolicy, hash)
  const last = db
    .prepare(
      "SELECT jws FROM statement WHERE kind = 'witness-policy' AND jws IS NOT NULL ORDER BY idx DESC LIMIT 1",
    )
    .get()?.['jws'] as string | undefined
  if (last !== undefined) {
    const logged = peekJws(last).payload as WitnessPolicyInForce
    if (logged.number === number && logged.digest === digest) return false
  }
  const atMs = log.nextAtMs()
  const payload: WitnessPolicyInForce = { origin, at: atMs, number, digest }
  const jws = signJws(statementType('witness-policy'), payload, deps.signStatement)
  db.transact(() =>
    log.append([
      { kind: 'witness-policy', jws, salt: randomBytes(32), atMs, feed: null, seq: null },
    ]),
  )
  log.noteHead()
  return true
}
