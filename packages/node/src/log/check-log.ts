import { setImmediate as turn } from 'node:timers/promises'
import {
  appendLeaves,
  type Ed25519Verify,
  equalBytes,
  type HashAt,
  leafHash,
  openCheckpoint,
  type Sha256,
  treeRoot,
  type VerifierKey,
} from '@entente/tlog'
import type { Database } from '../adapters/sqlite-database.ts'
import { erasuresOf } from './erase-leaves.ts'
import type { HeadFile } from './head-file.ts'
import { entryOf, statementHash } from './leaf.ts'

/** What of a log does not fit. `index`: of the leaf. */
export interface LogFinding {
  readonly code: LogFindingCode
  readonly index?: number
  readonly message: string
}

export type LogFindingCode =
  | 'ENTRY_MISSING'
  | 'ENTRY_FORM'
  | 'STATEMENT_MISSING'
  | 'STATEMENT_MISMATCH'
  | 'NODE_MISMATCH'
  | 'NODE_MISSING'
  | 'NODE_EXTRA'
  | 'HEAD_MISMATCH'
  | 'CHECKPOINT_MISMATCH'
  | 'HEAD_FILE'

export interface CheckLogDeps {
  readonly db: Database
  readonly origin: string
  readonly key: VerifierKey
  readonly headFile: HeadFile
  readonly hash: Sha256
  readonly verify: Ed25519Verify
}

/** What must not lie beyond the head. */
const beyond = [
  ['entries', 'SELECT count(*) AS n FROM entry WHERE idx >= ?'],
  ['statements', 'SELECT count(*) AS n FROM statement WHERE idx >= ?'],
  ['checkpoints', 'SELECT count(*) AS n FROM checkpoint WHERE size > ?'],
] as const

/** Complete subtrees of a tree, leaves among them: 2n less one for each bit of n that is set. */
const nodesOf = (size: number): number =>
  2 * size - [...size.toString(2)].filter((bit) => bit === '1').length

/** Leaves read at a time. */
const batchSize = 1024

/**
 * Derives the log again from its entries, and compares everything that is stored of it: statements, tree, head, every signed
 * checkpoint, and the size that is kept outside the database. Nothing is repaired; memory does not grow with the log. The node goes
 * on between two batches: leaves that come meanwhile are only counted.
 */
export async function* checkLog(
  { db, origin, key, headFile, hash, verify }: CheckLogDeps,
  onLeaf?: (done: number, total: number) => void,
): AsyncGenerator<LogFinding> {
  const head = db.prepare('SELECT size, root FROM head').get()
  const size = (head?.['size'] as number | undefined) ?? 0
  const edge = createEdge()
  let declared = erasuresOf({ db })
  // Erased meanwhile, it is declared since.
  const isErased = (index: number) => {
    if (!declared.has(index)) declared = erasuresOf({ db })
    return declared.has(index)
  }
  const notes = db.prepare('SELECT note FROM checkpoint WHERE size = ?')
  const signed = db
    .prepare('SELECT size FROM checkpoint ORDER BY size')
    .all()
    .map((row) => row['size'] as number)
  for (let from = 0; from < size; ) {
    while ((signed[0] ?? size) <= from) signed.shift()
    // Roots of checkpoints are read off the edge of the tree at their size.
    const to = Math.min(size, from + batchSize, signed[0] ?? size)
    const hashes: Uint8Array[] = []
    for (let index = from; index < to; index++) {
      const entry = db.prepare('SELECT entry FROM entry WHERE idx = ?').get(index)?.['entry'] as
        | Uint8Array
        | undefined
      if (entry === undefined) {
        yield {
          code: 'ENTRY_MISSING',
          index,
          message: 'the log has no such entry: nothing behind it can be derived',
        }
        return
      }
      yield* checkStatement(db, index, entry, isErased)
      hashes.push(leafHash(entry, hash))
    }
    for (const { level, index, hash: derived } of appendLeaves(from, hashes, edge.hashAt, hash)) {
      edge.note(level, index, derived)
      const stored = db
        .prepare('SELECT hash FROM node WHERE level = ? AND idx = ?')
        .get(level, index)
      const place = `node ${level}/${index}`
      if (stored === undefined) yield { code: 'NODE_MISSING', message: `${place} is not stored` }
      else if (!equalBytes(stored['hash'] as Uint8Array, derived))
        yield { code: 'NODE_MISMATCH', message: `${place} is not what its entries give` }
    }
    const note = notes.get(to)?.['note'] as string | undefined
    if (note !== undefined) yield* checkNote(note, to, treeRoot(to, edge.hashAt, hash))
    from = to
    onLeaf?.(from, size)
    await turn()
  }
  if (size > 0 && !equalBytes(head?.['root'] as Uint8Array, treeRoot(size, edge.hashAt, hash)))
    yield { code: 'HEAD_MISMATCH', message: 'the root of the head is not what the entries give' }
  // From here on at one moment: what the head says now, and what lies beyond it.
  const now = (db.prepare('SELECT size FROM head').get()?.['size'] as number | undefined) ?? 0
  const extra = count('SELECT count(*) AS n FROM node') - nodesOf(now)
  if (extra > 0)
    yield { code: 'NODE_EXTRA', message: `${extra} more nodes are stored than the entries give` }
  for (const [what, sql] of beyond) {
    const found = count(sql, now)
    if (found > 0)
      yield {
        code: 'HEAD_MISMATCH',
        message: `the head says ${now} leaves; ${found} ${what} lie beyond it`,
      }
  }
  const outside = headFile.read()
  if (outside !== now)
    yield {
      code: 'HEAD_FILE',
      message: `the log-head file says ${outside ?? 'nothing'}, the database holds ${now} leaves: see docs/recovery.md`,
    }

  function count(sql: string, ...args: number[]): number {
    return db.prepare(sql).get(...args)?.['n'] as number
  }

  function* checkNote(note: string, at: number, root: Uint8Array): Generator<LogFinding> {
    const why = ((): string | null => {
      try {
        const { checkpoint } = openCheckpoint(note, { origin, key }, verify)
        if (checkpoint.size !== at) return `says size ${checkpoint.size}`
        return equalBytes(checkpoint.root, root) ? null : 'signs another root than the entries give'
      } catch (error) {
        return error instanceof Error ? error.message : String(error)
      }
    })()
    if (why !== null)
      yield { code: 'CHECKPOINT_MISMATCH', message: `the checkpoint of size ${at}: ${why}` }
  }
}

function* checkStatement(
  db: Database,
  index: number,
  entry: Uint8Array,
  isErased: (index: number) => boolean,
): Generator<LogFinding> {
  if (entry.length !== 33 || entry[0] !== 1)
    yield { code: 'ENTRY_FORM', index, message: 'the entry is not 33 bytes that begin with 01' }
  const row = db.prepare('SELECT jws, salt, hash FROM statement WHERE idx = ?').get(index)
  if (row === undefined) {
    yield { code: 'STATEMENT_MISSING', index, message: 'the leaf has no statement' }
    return
  }
  // Erased by law: the hash stays, and a later leaf says so.
  if (row['jws'] === null) {
    if (!isErased(index))
      yield {
        code: 'STATEMENT_MISSING',
        index,
        message: 'the statement is gone, and no leaf declares it erased',
      }
    return
  }
  const [jws, salt] = [row['jws'] as string, row['salt'] as Uint8Array]
  if (!equalBytes(entryOf(jws, salt), entry))
    yield { code: 'STATEMENT_MISMATCH', index, message: 'statement and salt do not open the entry' }
  else if (statementHash(jws) !== row['hash'])
    yield { code: 'STATEMENT_MISMATCH', index, message: 'the hash is of another statement' }
}

/** The complete subtrees at the right edge of a growing tree: one a level, since only these are still needed. */
function createEdge() {
  const edge = new Map<number, { readonly index: number; readonly hash: Uint8Array }>()
  const hashAt: HashAt = (level, index) => {
    const node = edge.get(level)
    if (node?.index === index) return node.hash
    throw new RangeError(`node ${level}/${index} is not at the edge`)
  }
  return {
    hashAt,
    note: (level: number, index: number, hash: Uint8Array) => {
      if (index % 2 === 0) edge.set(level, { index, hash })
    },
  }
}
