import { type Erase, peekJws, signJws, statementType } from '@entente/schema'
import { forgetDeleted } from '../adapters/sqlite-database.ts'
import type { Deps } from '../deps.ts'
import { NodeError } from '../errors.ts'
import type { ReleaseLog } from './release-log.ts'

/** Kinds whose content may go. What a log, its keys and its policies rest on may not. */
const erasable: readonly unknown[] = ['release', 'deny', 'approve', 'consent', 'request']

export interface EraseRequest {
  readonly leaves: readonly number[]
  /** The law, or the purge, that asks for it. */
  readonly ground: string
  /** Who ordered it. */
  readonly authority: string
}

/**
 * Declares leaves erased, and in the same transaction deletes statement and salt of each, and what `forget` deletes of them. The
 * entries stay, and with them the tree and every proof.
 * @returns index of the `erase` leaf
 * @throws {NodeError} `LEAF_UNKNOWN`, `ERASE_REFUSED`
 */
export function eraseLeaves(
  deps: Deps,
  log: ReleaseLog,
  { leaves, ground, authority }: EraseRequest,
  forget: (leaves: readonly number[]) => void,
): number {
  const { db } = deps
  const indices = [...new Set(leaves)].sort((a, b) => a - b)
  for (const index of indices) checkErasable(deps, index)
  const at = log.nextAtMs()
  const payload = { origin: deps.origin, at, leaves: indices, ground, authority }
  const jws = signJws(statementType('erase'), payload, deps.signStatement)
  const index = db.transact(() => {
    const first = log.append([
      { kind: 'erase', jws, salt: deps.randomBytes(32), atMs: at, feed: null, seq: null },
    ])
    const erase = db.prepare('UPDATE statement SET jws = NULL, salt = NULL WHERE idx = ?')
    for (const each of indices) erase.run(each)
    forget(indices)
    return first
  })
  log.noteHead()
  // Else the next start takes the deleted bytes out of the log beside the file.
  forgetDeleted(db)
  return index
}

function checkErasable({ db }: Deps, index: number): void {
  const row = db.prepare('SELECT kind, jws, feed, seq FROM statement WHERE idx = ?').get(index)
  if (row === undefined) throw new NodeError('LEAF_UNKNOWN', `the log has no leaf ${index}`)
  const refuse = (why: string) => new NodeError('ERASE_REFUSED', `leaf ${index} ${why}`)
  if (!erasable.includes(row['kind']))
    throw refuse(`is of kind ${row['kind'] as string}; only ${erasable.join(', ')} may be erased`)
  if (row['jws'] === null) throw refuse('has been erased already')
  if (row['feed'] === null) return
  const [feed, seq] = [row['feed'] as string, row['seq'] as number]
  const waits = db
    .prepare(
      'SELECT recipient FROM feed_out LEFT JOIN ack_received USING (feed) WHERE feed = ? AND coalesce(ack_received.seq, -1) < ?',
    )
    .get(feed, seq)
  // The feed could not go on behind it.
  if (waits !== undefined)
    throw refuse(
      `is not acknowledged by ${waits['recipient'] as string} yet: wait for that, or reset the feed with \`entente feed reset\``,
    )
}

/** What the log declares erased: by leaf, the statement that says so. */
export function erasuresOf({
  db,
}: Pick<Deps, 'db'>): ReadonlyMap<number, { readonly index: number; readonly jws: string }> {
  const declared = new Map<number, { index: number; jws: string }>()
  for (const row of db
    .prepare("SELECT idx, jws FROM statement WHERE kind = 'erase' ORDER BY idx")
    .all()) {
    const jws = row['jws'] as string
    for (const leaf of leavesOf(jws)) declared.set(leaf, { index: row['idx'] as number, jws })
  }
  return declared
}

const leavesOf = (jws: string): readonly number[] =>
  (peekJws(jws).payload as unknown as Erase).leaves

/** Deletes again what the log declares erased: statements that came back from a copy. Inside a transaction. */
export function eraseDeclared(deps: Pick<Deps, 'db'>): void {
  const erase = deps.db.prepare(
    'UPDATE statement SET jws = NULL, salt = NULL WHERE idx = ? AND jws IS NOT NULL',
  )
  for (const index of erasuresOf(deps).keys()) erase.run(index)
}
