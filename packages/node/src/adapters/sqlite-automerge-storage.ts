import type { Chunk, StorageAdapterInterface, StorageKey } from '@automerge/automerge-repo'
import type { Database } from './sqlite-database.ts'

/** DDL of the chunk store: one row per snapshot or incremental of a document. */
export const automergeStorageTables = `
CREATE TABLE IF NOT EXISTS chunk (key TEXT PRIMARY KEY, data BLOB NOT NULL) STRICT;
`

/**
 * Automerge chunks in the node's SQLite file. Every call is one statement, durable when it resolves, and runs to its
 * end before any other code: it can never fall between the BEGIN and COMMIT of somebody else.
 */
export function createSqliteAutomergeStorage(db: Database): StorageAdapterInterface {
  const load = db.prepare('SELECT data FROM chunk WHERE key = ?')
  const save = db.prepare(
    'INSERT INTO chunk (key, data) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET data = excluded.data',
  )
  const remove = db.prepare('DELETE FROM chunk WHERE key = ?')
  const loadRange = db.prepare(
    'SELECT key, data FROM chunk WHERE key >= ? AND key < ? ORDER BY key',
  )
  const removeRange = db.prepare('DELETE FROM chunk WHERE key >= ? AND key < ?')
  return {
    load: async (key) => (load.get(toText(key)) as { data: Uint8Array } | undefined)?.data,
    save: async (key, data) => {
      save.run(toText(key), data)
    },
    remove: async (key) => {
      remove.run(toText(key))
    },
    loadRange: async (prefix) =>
      (loadRange.all(...rangeOf(prefix)) as unknown as ChunkRow[]).map(
        ({ key, data }): Chunk => ({ key: key.split('/'), data }),
      ),
    removeRange: async (prefix) => {
      removeRange.run(...rangeOf(prefix))
    },
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

interface ChunkRow {
  readonly key: string
  readonly data: Uint8Array
}

// Parts are base58 ids, hex hashes and fixed words: none holds a slash, and `0` is the character after it.
const toText = (key: StorageKey): string => key.join('/')
const rangeOf = (prefix: StorageKey): [string, string] => [
  `${toText(prefix)}/`,
  `${toText(prefix)}0`,
]
