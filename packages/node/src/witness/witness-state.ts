import { toHex } from '@entente/schema'
import type { VerifierKey, WitnessedCheckpoint } from '@entente/tlog'
import type { Database } from '../adapters/sqlite-database.ts'
import type { WitnessCountFile } from './witness-count.ts'

/**
 * The largest checkpoint cosigned of each origin, under which key and how often that key has cosigned; the largest known
 * otherwise, by gossip; and two checkpoints of one size that a log has signed, whoever found them.
 */
export const witnessTables = `
CREATE TABLE IF NOT EXISTS witnessed(origin TEXT PRIMARY KEY, size INTEGER NOT NULL, root BLOB NOT NULL, note TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS witness_state(one INTEGER PRIMARY KEY CHECK(one = 1), key TEXT NOT NULL, count INTEGER NOT NULL, lost TEXT) STRICT;
CREATE TABLE IF NOT EXISTS seen_checkpoint(origin TEXT PRIMARY KEY, size INTEGER NOT NULL, root BLOB NOT NULL, note TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS fork_evidence(origin TEXT NOT NULL, stored TEXT NOT NULL, submitted TEXT NOT NULL, at_ms INTEGER NOT NULL, PRIMARY KEY(origin, submitted)) STRICT;
`

/** A file made before cosignatures were counted: whatever key comes first is the one that it belongs to. */
export const UNCOUNTED = 'uncounted'

/**
 * What one witness has cosigned, and how often its present key has. Another key counts from nothing, and goes on from what the one before it
 * remembers: from there a log must prove that it has only grown, so that two keys of one nation do not cosign two histories.
 */
export interface WitnessState {
  /** Why this key must cosign no more, or null: what it has cosigned may be forgotten. */
  readonly lost: () => string | null
  readonly stored: (origin: string) => WitnessedCheckpoint | undefined
  /** Stores and counts; runs inside the caller's transaction. */
  readonly keep: (origin: string, next: WitnessedCheckpoint) => void
  /** After COMMIT and before the answer leaves: writes the count outside of the database. */
  readonly noteCount: () => void
  /** Somebody has shown a cosignature of this key that it does not remember. Durable when it returns. */
  readonly lose: (words: string) => void
}

export function createWitnessState(
  db: Database,
  file: WitnessCountFile,
  { publicKey }: VerifierKey,
): WitnessState {
  const key = toHex(publicKey)
  const read = () => db.prepare('SELECT key, count, lost FROM witness_state').get()
  const put = (count: number) =>
    db
      .prepare('INSERT OR REPLACE INTO witness_state(one, key, count) VALUES (1, ?, ?)')
      .run(key, count)

  const begin = (): string | null => {
    const row = read()
    const outside = file.read()
    const isUncounted = row?.['key'] === UNCOUNTED
    const isOurs = row?.['key'] === key
    const count = isOurs ? (row['count'] as number) : 0
    if (outside === null && !isUncounted)
      return 'the witness-count file is missing, so nobody can tell what this key has cosigned'
    if (outside !== null && outside.key !== key)
      return 'the witness-count file is that of another key'
    if (outside !== null && outside.count > count)
      return `the witness-count file says ${outside.count} cosignatures, the database holds ${count}: the database is an old copy`
    const lost = isOurs ? (row['lost'] as string | null) : null
    if (lost !== null) return lost
    if (!isOurs) put(0)
    // Cut off between COMMIT and the file: the database knows more, which is no loss.
    if (outside?.count !== count) file.write({ key, count })
    return null
  }
  let lost = begin()
  return {
    lost: () => lost,
    stored: (origin) => {
      const row = db.prepare('SELECT size, root, note FROM witnessed WHERE origin = ?').get(origin)
      if (row === undefined) return undefined
      return {
        size: row['size'] as number,
        root: row['root'] as Uint8Array,
        note: row['note'] as string,
      }
    },
    keep: (origin, { size, root, note }) => {
      db.prepare(
        'INSERT OR REPLACE INTO witnessed(origin, size, root, note) VALUES (?, ?, ?, ?)',
      ).run(origin, size, root, note)
      db.prepare('UPDATE witness_state SET count = count + 1').run()
    },
    noteCount: () => file.write({ key, count: read()?.['count'] as number }),
    lose: (words) => {
      if (lost !== null) return
      db.prepare('UPDATE witness_state SET lost = ?').run(words)
      lost = words
    },
  }
}
