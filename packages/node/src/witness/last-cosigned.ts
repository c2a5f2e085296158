import { parseNote, verifyCosignatures } from '@entente/tlog'
import type { Deps } from '../deps.ts'
import { witnessesOf } from './witness-set.ts'

/** When a witness, named by its nation or its own name, has last cosigned this log, ms by its own clock; null: never. */
export function lastCosignedMs(
  { db, nation, roster, verify }: Pick<Deps, 'db' | 'nation' | 'roster' | 'verify'>,
  name: string,
): number | null {
  const key = witnessesOf(nation, roster).find((witness) => witness.name === name)?.key
  if (key === undefined) return null
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
