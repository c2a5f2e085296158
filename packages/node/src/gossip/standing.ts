import type { WitnessPolicy } from '@entente/schema'
import type { Database } from '../adapters/sqlite-database.ts'
import { isForked } from '../witness/fork-evidence.ts'

/** How long a log may leave a proof of consistency unanswered unless the witness policy says otherwise. */
const CHALLENGE_MS = 24 * 3_600_000

export const challengeMsOf = ({ challengeMs }: WitnessPolicy): number => challengeMs ?? CHALLENGE_MS

/** Whether anything of an origin may be admitted. */
export type Standing =
  | { readonly kind: 'good' }
  /** It has signed two histories. */
  | { readonly kind: 'forked' }
  /** It has not proven for too long that what it showed to others and to us is one history. */
  | { readonly kind: 'unproven'; readonly size: number; readonly sinceMs: number }

export function standingOf(
  {
    db,
    nowMs,
    policy,
  }: { readonly db: Database; readonly nowMs: number; readonly policy: WitnessPolicy },
  origin: string,
): Standing {
  if (isForked(db, origin)) return { kind: 'forked' }
  const row = db.prepare('SELECT size, since_ms FROM challenge WHERE origin = ?').get(origin)
  if (row === undefined) return { kind: 'good' }
  const sinceMs = row['since_ms'] as number
  if (nowMs - sinceMs < challengeMsOf(policy)) return { kind: 'good' }
  return { kind: 'unproven', size: row['size'] as number, sinceMs }
}
