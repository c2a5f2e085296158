import { toHex } from '@entente/schema'
import { type Log, openCheckpoint } from '@entente/tlog'
import type { Deps } from '../deps.ts'
import type { ReleaseLog } from './release-log.ts'

/** Checkpoints under our own key of a tree that we did not hold when they were shown to us. */
export const shownNoteTables = `
CREATE TABLE IF NOT EXISTS shown_note(origin TEXT NOT NULL, size INTEGER NOT NULL, note TEXT NOT NULL, words TEXT NOT NULL, PRIMARY KEY(origin, size)) STRICT;
`

/** One is enough to stop signing; a thief of the key must not fill the disk. */
const MOST = 64

/** Keeps what froze this node: whoever showed it need not be there when the node is started again. */
export function keepShown(
  { db, origin }: Pick<Deps, 'db' | 'origin'>,
  { size, note, words }: { readonly size: number; readonly note: string; readonly words: string },
): void {
  db.prepare(
    'INSERT OR IGNORE INTO shown_note(origin, size, note, words) SELECT ?1, ?2, ?3, ?4 WHERE (SELECT count(*) FROM shown_note WHERE origin = ?1) < ?5',
  ).run(origin, size, note, words, MOST)
}

/** Whether a checkpoint is of a tree that the log holds. */
export const holds = (
  log: Pick<ReleaseLog, 'head' | 'rootAt'>,
  { size, root }: { readonly size: number; readonly root: Uint8Array },
): boolean => size <= log.head().size && toHex(log.rootAt(size)) === toHex(root)

/**
 * Why this node is frozen by what it was shown earlier: until the log holds it (`recover`), or has ended (`retire`: the next has another
 * origin). Null: there is no such thing.
 */
export function frozenByShown(
  { db, origin, verify }: Pick<Deps, 'db' | 'origin' | 'verify'>,
  log: Pick<ReleaseLog, 'head' | 'rootAt'>,
  key: Log,
): string | null {
  const rows = db.prepare('SELECT note, words FROM shown_note WHERE origin = ? ORDER BY size')
  const open = rows
    .all(origin)
    .find(({ note }) => !holds(log, openCheckpoint(note as string, key, verify).checkpoint))
  return open === undefined ? null : (open['words'] as string)
}
