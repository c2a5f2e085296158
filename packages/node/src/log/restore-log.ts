import { toHex } from '@entente/schema'
import {
  appendLeaves,
  type Checkpoint,
  formatNote,
  formatSignatureLine,
  type HashAt,
  leafHash,
  type Note,
  openCheckpoint,
  treeRoot,
  VerificationError,
  verifyCosignatures,
  verifyQuorum,
} from '@entente/tlog'
import type { Deps } from '../deps.ts'
import { NodeError } from '../errors.ts'
import type { ReleaseLog } from './release-log.ts'
import { witnessesFor } from './witness-set.ts'

/** What a statement row is made of. Where nothing opens the leaf, `jws` and `salt` are null. */
export interface RestoredLeaf {
  readonly index: number
  readonly entry: Uint8Array
  readonly kind: string
  readonly jws: string | null
  readonly salt: Uint8Array | null
  readonly hash: string
  readonly atMs: number
  readonly feed: string | null
  readonly seq: number | null
}

/** A checkpoint under our own log key. */
export interface OwnCheckpoint extends Checkpoint {
  readonly note: Note
}

/** Notes that our own log key has signed; others say nothing about our log. By size, ascending. */
export function ownCheckpoints(deps: Deps, notes: readonly string[]): readonly OwnCheckpoint[] {
  const opened = notes.flatMap((text) => {
    try {
      const { checkpoint, note } = openCheckpoint(text, deps.self.log, deps.verify)
      return [{ ...checkpoint, note }]
    } catch (error) {
      if (error instanceof VerificationError) return []
      throw error
    }
  })
  return opened.sort((a, b) => a.size - b.size)
}

/**
 * Puts back the leaves between the end of the database and a checkpoint that this log has signed before. No new checkpoint is
 * signed: the tree over the leaves must be, at every size, the very one that was signed. Inside a transaction.
 * @param checkpoints our own, by size; the last is where the log ends
 * @param leaves all from the end of the database on
 * @throws {NodeError} `RECOVER_MISMATCH`
 */
export function restoreLog(
  deps: Deps,
  log: ReleaseLog,
  checkpoints: readonly OwnCheckpoint[],
  leaves: readonly RestoredLeaf[],
): void {
  const { db, hash } = deps
  const { size } = log.head()
  const target = checkpoints.at(-1)
  if (target === undefined || target.size !== size + leaves.length)
    throw new RangeError('the leaves do not reach the last checkpoint')
  for (const leaf of leaves) {
    db.prepare('INSERT INTO entry(idx, entry) VALUES (?, ?)').run(leaf.index, leaf.entry)
    db.prepare(
      'INSERT INTO statement(idx, kind, jws, salt, hash, at_ms, feed, seq) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
    ).run(leaf.index, leaf.kind, leaf.jws, leaf.salt, leaf.hash, leaf.atMs, leaf.feed, leaf.seq)
  }
  const hashes = leaves.map(({ entry }) => leafHash(entry, hash))
  const insertNode = db.prepare('INSERT INTO node(level, idx, hash) VALUES (?, ?, ?)')
  for (const node of appendLeaves(size, hashes, log.hashAt, hash))
    insertNode.run(node.level, node.index, node.hash)
  for (const checkpoint of checkpoints) {
    checkRoot(checkpoint, log.hashAt, deps)
    storeCheckpoint(deps, checkpoint)
  }
  db.prepare(
    'INSERT INTO head(one, size, root, note) VALUES (1, ?, ?, ?) ON CONFLICT(one) DO UPDATE SET size = excluded.size, root = excluded.root, note = excluded.note',
  ).run(target.size, target.root, signedAlone(target.note))
}

function checkRoot({ size, root }: OwnCheckpoint, hashAt: HashAt, { hash }: Deps): void {
  if (toHex(treeRoot(size, hashAt, hash)) === toHex(root)) return
  throw new NodeError(
    'RECOVER_MISMATCH',
    `these leaves are not those that this log has signed for: at size ${size} they give another root. A source is wrong, or this database holds another history: keep it, it is evidence`,
  )
}

/** The note under our own key, without what witnesses added. */
const signedAlone = ({ text, signatures: [own] }: Note): string =>
  formatNote({ text, signatures: own === undefined ? [] : [own] })

function storeCheckpoint(
  { db, clock, verify, nation, roster }: Deps,
  { size, note }: OwnCheckpoint,
) {
  const { set, options } = witnessesFor(nation, roster)
  const counted = new Set(
    verifyCosignatures(note, set.witnesses, verify).map(({ key }) => key.name),
  )
  const lines = note.signatures.slice(1).filter(({ name }) => counted.has(name))
  const isPublished = (): boolean => {
    try {
      verifyQuorum(note, set, options, verify)
      return true
    } catch (error) {
      if (error instanceof VerificationError) return false
      throw error
    }
  }
  db.prepare('INSERT OR IGNORE INTO checkpoint(size, note) VALUES (?, ?)').run(
    size,
    signedAlone(note),
  )
  if (lines.length > 0)
    db.prepare(
      "UPDATE checkpoint SET cosigs = ?, published_ms = coalesce(published_ms, ?) WHERE size = ? AND (cosigs = '' OR published_ms IS NULL)",
    ).run(lines.map(formatSignatureLine).join(''), isPublished() ? clock.nowMs() : null, size)
}
