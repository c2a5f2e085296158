import type { Nation } from '@entente/schema'
import { parseNote, verifyCosignatures } from '@entente/tlog'
import type { Deps } from '../../deps.ts'
import { witnessesOf } from '../../witness/witness-set.ts'

/**
 * How far a partner's clock is off ours for certain, ms; positive: ahead. Null: it cannot be said, or is within what is tolerated. It
 * has dated its cosignature of our newest checkpoint before the last leaf that it covers, or after now.
 */
export function clockOffMs(deps: Deps, nation: Nation): number | null {
  const { db, clock, roster, verify } = deps
  const key = witnessesOf(deps.nation, roster).find(({ name }) => name === nation)?.key
  if (key === undefined) return null
  const row = db
    .prepare(
      'SELECT note, cosigs, at_ms AS atMs FROM checkpoint JOIN statement ON idx = checkpoint.size - 1 WHERE instr(cosigs, ?) > 0 ORDER BY checkpoint.size DESC LIMIT 1',
    )
    .get(`— ${key.name} `)
  if (row === undefined) return null
  const note = parseNote(`${row['note'] as string}${row['cosigs'] as string}`)
  const [latest] = verifyCosignatures(note, [key], verify)
  if (latest === undefined) return null
  const saidMs = latest.timeS * 1_000
  const behind = saidMs + 1_000 - (row['atMs'] as number)
  const ahead = saidMs - clock.nowMs()
  const { toleranceMs } = roster.witnessPolicy
  return behind < -toleranceMs ? behind : ahead > toleranceMs ? ahead : null
}
