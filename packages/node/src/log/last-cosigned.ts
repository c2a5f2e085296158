import type { Nation } from '@entente/schema'
import { parseNote, parseVerifierKey, verifyCosignatures } from '@entente/tlog'
import type { Deps } from '../deps.ts'

/** When a nation's witness has last cosigned this log, ms by its own clock; null: never. */
export function lastCosignedMs(
  { db, roster, verify }: Pick<Deps, 'db' | 'roster' | 'verify'>,
  nation: Nation,
): number | null {
  const witness = roster.witnessPolicy.witnesses.find((each) => each.nation === nation)
  if (witness === undefined) return null
  const key = parseVerifierKey(witness.key)
  const row = db
    .prepare(
      'SELECT note, cosigs FROM checkpoint WHERE instr(cosigs, ?) > 0 ORDER BY size DESC LIMIT 1',
    )
    .get(`— ${key.name} `)
  if (row === undefined) return null
  const note = parseNote(`${row['note'] as string}${row['cosigs'] as string}`)
  const [latest] = verifyCosignatures(note, [key], verify)
  return latest === undefined ? null : latest.timeS * 1_000
}
