import {
  appendLeaves,
  consistencyProof,
  type HashAt,
  inclusionProof,
  leafHash,
  type Sha256,
  type Signer,
  signCheckpoint,
  treeRoot,
} from '@entente/tlog'
import type { Database } from '../adapters/sqlite-database.ts'
import { NodeError } from '../errors.ts'
import type { Clock } from '../ports/clock.ts'
import { groupUnderCheckpoint, type Padding } from './checkpoint-group.ts'
import type { HeadFile } from './head-file.ts'
import { entryOf, type Leaf, statementHash } from './leaf.ts'

/** A statement as it lies in the log. */
export interface LoggedStatement {
  readonly index: number
  readonly kind: string
  readonly jws: string
  readonly salt: Uint8Array
  readonly hash: string
  readonly atMs: number
}

export interface LogHead {
  readonly size: number
  readonly root: Uint8Array
  readonly note: string | null
}

/** This node's append-only record of what it released to whom. */
export interface ReleaseLog {
  readonly origin: string
  readonly head: () => LogHead
  /** Time of the genesis, ms; null: there is none yet. */
  readonly firstAtMs: () => number | null
  /** Time of the last leaf, ms: decision times never decrease. */
  readonly lastAtMs: () => number
  /** Why the clock is not to be believed, in words, or null: what widens waits meanwhile. */
  readonly clockFault: () => string | null
  /** Time that the next leaf takes, ms: of the clock, or of the last leaf where the clock is behind it or not to be believed. */
  readonly nextAtMs: () => number
  /**
   * Appends leaves that keep their order, with pads, and signs one checkpoint over them; must run inside the caller's
   * transaction.
   * @returns index of the first leaf
   * @throws {NodeError} `LOG_CONFLICT` when another writer moved the head
   */
  readonly append: (leaves: readonly Leaf[]) => number
  /** The same without pads: for what must stand at one place, and the last leaf of all. */
  readonly appendExactly: (leaves: readonly Leaf[]) => number
  /**
   * The same for releases, which are shuffled with the pads; without any, pads alone.
   * @returns index of each leaf given
   * @throws {NodeError} `LOG_CONFLICT`
   */
  readonly appendGroup: (leaves: readonly Leaf[], atMs: number) => readonly number[]
  /** After COMMIT and before any signature leaves: writes the head size outside the database. */
  readonly noteHead: () => void
  readonly statement: (index: number) => LoggedStatement | null
  readonly statementInFeed: (feed: string, seq: number) => LoggedStatement | null
  /** Digest of a statement of a feed, which stays when the statement is erased. */
  readonly hashInFeed: (feed: string, seq: number) => string | null
  readonly inclusion: (index: number, size: number) => Uint8Array[]
  readonly consistency: (older: number, newer: number) => Uint8Array[]
  readonly rootAt: (size: number) => Uint8Array
  readonly checkpointNote: (size: number) => string | null
  readonly hashAt: HashAt
  readonly entries: (from: number, to: number) => Uint8Array[]
}

export function createReleaseLog(deps: {
  readonly db: Database
  readonly clock: Clock
  readonly headFile: HeadFile
  readonly origin: string
  readonly signer: Signer
  readonly hash: Sha256
  /** Absent: leaves are appended as they are given. */
  readonly padding?: Padding
  /** Why the clock is not to be believed, in words, or null. */
  readonly clockFault?: () => string | null
}): ReleaseLog {
  const { db, headFile, origin, signer, hash, padding, clock, clockFault = () => null } = deps
  const hashAt: HashAt = (level, index) => {
    const row = db.prepare('SELECT hash FROM node WHERE level = ? AND idx = ?').get(level, index)
    if (row === undefined)
      throw new NodeError('LOG_CONFLICT', `the log lacks node ${level}/${index}`)
    return row['hash'] as Uint8Array
  }
  const head = (): LogHead => {
    const row = db.prepare('SELECT size, root, note FROM head').get()
    if (row === undefined) return { size: 0, root: treeRoot(0, hashAt, hash), note: null }
    return {
      size: row['size'] as number,
      root: row['root'] as Uint8Array,
      note: row['note'] as string | null,
    }
  }
  const lastAtMs = (): number =>
    (db.prepare('SELECT at_ms FROM statement ORDER BY idx DESC LIMIT 1').get()?.['at_ms'] as
      | number
      | undefined) ?? 0
  /** What this process knows to stand outside the database. */
  let noted: number | null = null
  const appendLeavesOf = (
    given: readonly Leaf[],
    atMs: number,
    padding: Padding | undefined,
  ): readonly number[] => {
    const { size, root: oldRoot } = head()
    const { leaves, places } =
      padding === undefined
        ? { leaves: given, places: given.map((_, place) => place) }
        : groupUnderCheckpoint(given, size, atMs, padding)
    const insertEntry = db.prepare('INSERT INTO entry(idx, entry) VALUES (?, ?)')
    const insertStatement = db.prepare(
      'INSERT INTO statement(idx, kind, jws, salt, hash, at_ms, feed, seq) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
    )
    const hashes = leaves.map((leaf, i) => {
      const entry = entryOf(leaf.jws, leaf.salt)
      insertEntry.run(size + i, entry)
      insertStatement.run(
        size + i,
        leaf.kind,
        leaf.jws,
        leaf.salt,
        statementHash(leaf.jws),
        leaf.atMs,
        leaf.feed,
        leaf.seq,
      )
      return leafHash(entry, hash)
    })
    const insertNode = db.prepare('INSERT INTO node(level, idx, hash) VALUES (?, ?, ?)')
    for (const node of appendLeaves(size, hashes, hashAt, hash))
      insertNode.run(node.level, node.index, node.hash)
    const newSize = size + leaves.length
    const root = treeRoot(newSize, hashAt, hash)
    const note = signCheckpoint({ origin, size: newSize, root }, signer)
    const changed =
      size === 0
        ? db
            .prepare('INSERT OR IGNORE INTO head(one, size, root, note) VALUES (1, ?, ?, ?)')
            .run(newSize, root, note)
        : db
            .prepare('UPDATE head SET size = ?, root = ?, note = ? WHERE size = ? AND root = ?')
            .run(newSize, root, note, size, oldRoot)
    if (changed.changes !== 1)
      throw new NodeError('LOG_CONFLICT', `another writer moved the log from size ${size}`)
    db.prepare('INSERT INTO checkpoint(size, note) VALUES (?, ?)').run(newSize, note)
    return places.map((place) => size + place)
  }
  const appendGroup: ReleaseLog['appendGroup'] = (given, atMs) =>
    appendLeavesOf(given, atMs, padding)
  const read = (row: Record<string, unknown> | undefined): LoggedStatement | null =>
    row === undefined || row['jws'] === null
      ? null
      : {
          index: row['idx'] as number,
          kind: row['kind'] as string,
          jws: row['jws'] as string,
          salt: row['salt'] as Uint8Array,
          hash: row['hash'] as string,
          atMs: row['at_ms'] as number,
        }
  return {
    origin,
    head,
    append: (leaves) => appendGroup(leaves, leaves[0]?.atMs ?? 0)[0] ?? head().size,
    appendExactly: (leaves) =>
      appendLeavesOf(leaves, leaves[0]?.atMs ?? 0, undefined)[0] ?? head().size,
    appendGroup,
    hashAt,
    firstAtMs: () =>
      (db.prepare('SELECT at_ms FROM statement WHERE idx = 0').get()?.['at_ms'] as
        | number
        | undefined) ?? null,
    lastAtMs,
    clockFault,
    nextAtMs: () => {
      const lastMs = lastAtMs()
      return clockFault() !== null && lastMs > 0 ? lastMs : Math.max(clock.nowMs(), lastMs)
    },
    noteHead: () => {
      const { size } = head()
      if (size === noted) return
      headFile.write(size)
      noted = size
    },
    statement: (index) => read(db.prepare('SELECT * FROM statement WHERE idx = ?').get(index)),
    statementInFeed: (feed, seq) =>
      read(db.prepare('SELECT * FROM statement WHERE feed = ? AND seq = ?').get(feed, seq)),
    hashInFeed: (feed, seq) =>
      (db.prepare('SELECT hash FROM statement WHERE feed = ? AND seq = ?').get(feed, seq)?.[
        'hash'
      ] as string | undefined) ?? null,
    inclusion: (index, size) => inclusionProof(index, size, hashAt, hash),
    consistency: (older, newer) => consistencyProof(older, newer, hashAt, hash),
    rootAt: (size) => treeRoot(size, hashAt, hash),
    checkpointNote: (size) =>
      (db.prepare('SELECT note FROM checkpoint WHERE size = ?').get(size)?.['note'] as
        | string
        | undefined) ?? null,
    entries: (from, to) =>
      db
        .prepare('SELECT entry FROM entry WHERE idx >= ? AND idx < ? ORDER BY idx')
        .all(from, to)
        .map((row) => row['entry'] as Uint8Array),
  }
}
