import type { Chunk, StorageAdapterInterface, StorageKey } from '@automerge/automerge-repo'
import type { Database } from './sqlite-database.ts'

/** DDL of the chunk store: one row per snapshot or incremental of a document. */
export const automergeStorageTables = `
CREATE TABLE IF NOT EXISTS chunk (key TEXT PRIMARY KEY, data BLOB NOT NULL) STRICT;
`

/** Automerge chunks whose writes wait for a transaction, so that they become durable together with what they mean. */
export interface AutomergeStorage extends StorageAdapterInterface {
  /** Writes what was saved and removed since the last time. Call inside a transaction. */
  readonly flush: () => void
  /** Forgets it: it has not happened. */
  readonly discard: () => void
}

/** Automerge chunks in the node's SQLite file. What waits for `flush` is read back as if it were there. */
export function createSqliteAutomergeStorage(db: Database): AutomergeStorage {
  const load = db.prepare('SELECT data FROM chunk WHERE key = ?')
  const save = db.prepare(
    'INSERT INTO chunk (key, data) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET data = excluded.data',
  )
  const remove = db.prepare('DELETE FROM chunk WHERE key = ?')
  const keysIn = db.prepare('SELECT key FROM chunk WHERE key >= ? AND key < ? ORDER BY key')
  /** By key; null: removed. */
  const waiting = new Map<string, Uint8Array | null>()

  const read = (key: string): Uint8Array | undefined => {
    const there = waiting.get(key)
    if (there !== undefined) return there ?? undefined
    return (load.get(key) as { data: Uint8Array } | undefined)?.data
  }
  const keysFrom = (prefix: StorageKey): string[] => {
    const [from, to] = rangeOf(prefix)
    const keys = new Set(keysIn.all(from, to).map((row) => String(row['key'])))
    for (const [key, data] of waiting)
      if (data === null) keys.delete(key)
      else if (key >= from && key < to) keys.add(key)
    return [...keys].sort()
  }
  return {
    load: async (key) => read(toText(key)),
    save: async (key, data) => {
      waiting.set(toText(key), data)
    },
    remove: async (key) => {
      waiting.set(toText(key), null)
    },
    loadRange: async (prefix) =>
      keysFrom(prefix).map((key): Chunk => ({ key: key.split('/'), data: read(key) })),
    removeRange: async (prefix) => {
      for (const key of keysFrom(prefix)) waiting.set(key, null)
    },
    flush: () => {
      for (const [key, data] of waiting)
        if (data === null) remove.run(key)
        else save.run(key, data)
      waiting.clear()
    },
    discard: () => waiting.clear(),
  }
}

/** Keys of all stored chunks, by document id, in order: equal keys mean an equal document. */
export function chunkKeysByDocument(db: Database): Map<string, string> {
  const rows = db.prepare(`SELECT key FROM chunk WHERE key LIKE '%/%' ORDER BY key`).iterate()
  const out = new Map<string, string>()
  for (const row of rows) {
    const [document = '', ...rest] = String(row['key']).split('/')
    out.set(document, `${out.get(document) ?? ''}${rest.join('/')}\n`)
  }
  return out
}

/** As `chunkKeysByDocument`, of one document; empty when nothing of it is stored. */
export const chunkKeysOf = (db: Database, document: string): string =>
  db
    .prepare('SELECT key FROM chunk WHERE key >= ? AND key < ? ORDER BY key')
    .all(...rangeOf([document]))
    .map((row) => `${String(row['key']).slice(document.length + 1)}\n`)
    .join('')

/** One stored part of a document. `name` is SHA-256 over `data` for an incremental, over the heads for a snapshot; hex. */
export interface StoredChunk {
  readonly type: string
  readonly name: string
  readonly data: Uint8Array
}

/** All chunks of one document, snapshots first; none when nothing of it is stored. */
export const chunksOf = (db: Database, document: string): StoredChunk[] =>
  db
    .prepare('SELECT key, data FROM chunk WHERE key >= ? AND key < ? ORDER BY key DESC')
    .all(...rangeOf([document]))
    .map((row) => {
      const [, type = '', name = ''] = String(row['key']).split('/')
      return { type, name, data: row['data'] as Uint8Array }
    })

/** Bytes stored of one document. */
export const chunkBytesOf = (db: Database, document: string): number =>
  Number(
    db
      .prepare('SELECT ifnull(sum(length(data)), 0) AS n FROM chunk WHERE key >= ? AND key < ?')
      .get(...rangeOf([document]))?.['n'],
  )

// Parts are base58 ids, hex hashes and fixed words: none holds a slash, and `0` is the character after it.
const toText = (key: StorageKey): string => key.join('/')
const rangeOf = (prefix: StorageKey): [string, string] => [
  `${toText(prefix)}/`,
  `${toText(prefix)}0`,
]
