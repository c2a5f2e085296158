import { type Log, openCheckpoint, VerificationError } from '@entente/tlog'
import type { Database } from '../adapters/sqlite-database.ts'

/** Two checkpoints of one size and different roots, both signed by the log: proof for anybody who has its key. */
export interface ForkEvidence {
  readonly origin: string
  readonly first: string
  readonly second: string
  readonly atMs: number
}

/**
 * Keeps the first evidence of an origin: from then on nothing of it is admitted or cosigned. A log that signs ever more histories
 * adds nothing to it, and cannot make it more than partners listen to.
 */
export function keepEvidence(db: Database, { origin, first, second, atMs }: ForkEvidence): void {
  db.prepare(
    'INSERT INTO fork_evidence(origin, stored, submitted, at_ms) SELECT ?1, ?2, ?3, ?4 WHERE NOT EXISTS (SELECT 1 FROM fork_evidence WHERE origin = ?1)',
  ).run(origin, first, second, atMs)
}

/** Why a node whose own log has two histories is frozen for good. */
export const ownForkWords =
  'a partner holds two checkpoints of one size under our log key: somebody else signs with it, or this log was once continued from an old copy. Retire it; see docs/recovery.md'

/** All evidence, oldest first. */
export function evidenceIn(db: Database): readonly ForkEvidence[] {
  return db
    .prepare('SELECT origin, stored, submitted, at_ms FROM fork_evidence ORDER BY at_ms, submitted')
    .all()
    .map((row) => ({
      origin: row['origin'] as string,
      first: row['stored'] as string,
      second: row['submitted'] as string,
      atMs: row['at_ms'] as number,
    }))
}

export const isForked = (db: Database, origin: string): boolean =>
  db.prepare('SELECT 1 FROM fork_evidence WHERE origin = ? LIMIT 1').get(origin) !== undefined

/** Whether two notes prove by themselves that a log has two histories: what others claim is believed no sooner. */
export function provesFork(
  log: Log,
  first: string,
  second: string,
  verify: (key: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean,
): boolean {
  try {
    const one = openCheckpoint(first, log, verify).checkpoint
    const other = openCheckpoint(second, log, verify).checkpoint
    return one.size === other.size && one.root.join() !== other.root.join()
  } catch (error) {
    if (error instanceof VerificationError) return false
    throw error
  }
}
