import { toHex } from '@entente/schema'
import {
  appendLeaves,
  type Checkpoint,
  formatNote,
  formatSignatureLine,
  type HashAt,
  leafHash,
  type NoteSignature,
  openCheckpoint,
  treeRoot,
  VerificationError,
  verifyCosignatures,
  verifyQuorum,
} from '@entente/tlog'
import type { Deps } from '../deps.ts'
import { NodeError } from '../errors.ts'
import { witnessesFor } from '../witness/witness-set.ts'
import type { ReleaseLog } from './release-log.ts'

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
  /** The note under our own key alone. */
  readonly signed: string
  /** Signature lines of known witnesses, which verify. */
  readonly cosigs: string
  /** Enough of them. */
  readonly isPublished: boolean
}

/** Notes that our own log key has signed, and that no false cosignature stands under; others say nothing. By size, ascending. */
export function ownCheckpoints(deps: Deps, notes: readonly string[]): readonly OwnCheckpoint[] {
  const { key } = deps.self.log
  const { set, options } = witnessesFor(deps.nation, deps.roster)
  const opened = notes.flatMap((text) => {
    try {
      const { checkpoint, note } = openCheckpoint(text, deps.self.log, deps.verify)
      const isOwn = ({ name, keyId }: NoteSignature) => name === key.name && keyId === key.keyId
      const counted = new Set(
        verifyCosignatures(note, set.witnesses, deps.verify).map((each) => each.key.keyId),
      )
      return [
        {
          ...checkpoint,
          signed: formatNote({ text: note.text, signatures: note.signatures.filter(isOwn) }),
          cosigs: note.signatures
            .filter((line) => !isOwn(line) && counted.has(line.keyId))
            .map(formatSignatureLine)
            .join(''),
          isPublished: reaches(() => verifyQuorum(note, set, options, deps.verify)),
        },
      ]
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
  ).run(target.size, target.root, target.signed)
}

function checkRoot({ size, root }: OwnCheckpoint, hashAt: HashAt, { hash }: Deps): void {
  if (toHex(treeRoot(size, hashAt, hash)) === toHex(root)) return
  throw new NodeError(
    'RECOVER_MISMATCH',
    `these leaves are not those that this log has signed for: at size ${size} they give another root. A source is wrong, or this database holds another history: keep it, it is evidence`,
  )
}

function reaches(check: () => unknown): boolean {
  try {
    check()
    return true
  } catch (error) {
    if (error instanceof VerificationError) return false
    throw error
  }
}

function storeCheckpoint({ db, clock }: Deps, checkpoint: OwnCheckpoint): void {
  const { size, signed, cosigs, isPublished } = checkpoint
  db.prepare('INSERT OR IGNORE INTO checkpoint(size, note) VALUES (?, ?)').run(size, signed)
  if (cosigs !== '')
    db.prepare(
      "UPDATE checkpoint SET cosigs = ?, published_ms = coalesce(published_ms, ?) WHERE size = ? AND (cosigs = '' OR (published_ms IS NULL AND ?))",
    ).run(cosigs, isPublished ? clock.nowMs() : null, size, isPublished ? 1 : 0)
}
