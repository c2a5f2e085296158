import { formatBase64, parseCheckpoint, parseNote } from '@entente/tlog'
import type { Deps, Partner } from '../../deps.ts'
import type { StatementFrame } from '../../feed/frames.ts'
import type { HeldTree } from './frames.ts'

type Base = StatementFrame['base']

/** The first checkpoint of a log that the other node does not hold, and the proof that it goes on from what it holds. */
export interface Join {
  readonly n: number
  readonly base: Base
}

/** Asks a log to prove that one of its trees extends another. @returns null: it cannot be asked now, or does not */
export type Prove = (
  partner: Partner,
  older: Omit<HeldTree, 'origin'>,
  newer: Omit<HeldTree, 'origin'>,
) => Promise<Base['hashes'] | null>

/**
 * Where the list does not go on from what the other node holds, as after this node has lost state and has taken the log in again by other
 * checkpoints, the log is asked to prove what is missing.
 * @param held what the other node holds of this log; undefined: nothing
 * @param from the last place that it has
 * @returns null: there is no larger checkpoint yet; `waits`: the log has to be asked, and cannot be now
 */
export async function joinTree(
  { db }: Pick<Deps, 'db'>,
  partner: Partner,
  held: HeldTree | undefined,
  from: number,
  prove: Prove,
): Promise<Join | 'waits' | null> {
  const rows = db
    .prepare(
      "SELECT n, json FROM passing WHERE origin = ? AND kind = 'checkpoint' AND n > ? ORDER BY n",
    )
    .iterate(partner.log.origin, from)
  let next: { readonly n: number; readonly note: string; readonly base: Base } | undefined
  for (const row of rows) {
    const { note, base } = JSON.parse(row['json'] as string) as { note: string; base: Base }
    if (parseCheckpoint(parseNote(note).text).size <= (held?.size ?? 0)) continue
    next = { n: row['n'] as number, note, base }
    break
  }
  if (next === undefined) return null
  const { n, note, base } = next
  if (base.size === (held?.size ?? 0)) return { n, base }
  if (held === undefined) return { n, base: { size: 0, hashes: [] } }
  const { size, root } = parseCheckpoint(parseNote(note).text)
  const { origin: _, ...older } = held
  const hashes = await prove(partner, older, { size, root: formatBase64(root) })
  return hashes === null ? 'waits' : { n, base: { size: held.size, hashes } }
}
