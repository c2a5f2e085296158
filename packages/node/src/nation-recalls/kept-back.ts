import { Digest, Nation, RecordId } from '@entente/schema'
import { z } from 'zod'
import type { Database } from '../adapters/sqlite-database.ts'
import type { Deps } from '../deps.ts'

/**
 * `recall_cause`: why a record stays back from a nation: the digest of a recall of a release, or of a recall by our nation's word; `allowed`:
 * a person has let it go in spite of that. Empty for what a file of an earlier version keeps back.
 */
export const keptBackTables = `
CREATE TABLE IF NOT EXISTS recall_cause(recipient TEXT NOT NULL, record TEXT NOT NULL, cause TEXT NOT NULL, allowed INTEGER NOT NULL, PRIMARY KEY(recipient, record, cause)) STRICT, WITHOUT ROWID;
`

/** Keeps a record back from a nation. Inside a transaction. @returns false where a person has let it go in spite of that cause already */
export function keepBack(db: Database, recipient: Nation, record: string, cause: string): boolean {
  db.prepare(
    'INSERT OR IGNORE INTO recall_cause(recipient, record, cause, allowed) VALUES (?, ?, ?, 0)',
  ).run(recipient, record, cause)
  db.prepare(
    'INSERT OR IGNORE INTO recalled_out(recipient, record) SELECT recipient, record FROM recall_cause WHERE recipient = ? AND record = ? AND cause = ? AND allowed = 0',
  ).run(recipient, record, cause)
  return isMarked(db, recipient, record)
}

const isMarked = (db: Database, recipient: Nation, record: string): boolean =>
  db
    .prepare('SELECT 1 FROM recalled_out WHERE recipient = ? AND record = ?')
    .get(recipient, record) !== undefined

const unallowed =
  'SELECT digest FROM root_recalled WHERE record = ?2 AND nation = ?3 AND NOT EXISTS (SELECT 1 FROM recall_cause WHERE recipient = ?1 AND record = ?2 AND cause = digest AND allowed = 1)'

/**
 * Whether a record stays back from a nation. What our nation has recalled by its word stays back from everybody, also from a nation that is
 * paired later: until a person lets it go to that one.
 */
export const isKeptBack = (
  { db, nation }: Pick<Deps, 'db' | 'nation'>,
  recipient: Nation,
  record: string,
): boolean =>
  isMarked(db, recipient, record) ||
  db.prepare(unallowed).get(recipient, record, nation) !== undefined

/** A person lets it go. Inside a transaction. @returns false where it does not stay back */
export function letGo(
  { db, nation }: Pick<Deps, 'db' | 'nation'>,
  recipient: Nation,
  record: string,
): boolean {
  if (!isKeptBack({ db, nation }, recipient, record)) return false
  const note = db.prepare(
    'INSERT OR REPLACE INTO recall_cause(recipient, record, cause, allowed) VALUES (?, ?, ?, 1)',
  )
  for (const { digest } of db.prepare(unallowed).all(recipient, record, nation))
    note.run(recipient, record, digest as string)
  db.prepare('UPDATE recall_cause SET allowed = 1 WHERE recipient = ? AND record = ?').run(
    recipient,
    record,
  )
  db.prepare('DELETE FROM recalled_out WHERE recipient = ? AND record = ?').run(recipient, record)
  return true
}

/** Why records stay back from a nation, or no longer, as one node of ours tells another. */
export const KeptBack = z.strictObject({
  nation: Nation,
  cause: z.union([Digest, z.literal('')]),
  back: z.array(RecordId).max(100_000),
  /** What a person has let go in spite of that. */
  allowed: z.array(RecordId).max(100_000),
})
export type KeptBack = z.infer<typeof KeptBack>

/** All that stays back, whatever its dataset, for it may move; and what of one dataset was let go. */
export function keptBackFor(db: Database, dataset: string): KeptBack[] {
  const told = new Map<string, KeptBack>()
  const rows = db.prepare(
    'SELECT recipient, record, cause, allowed FROM recall_cause WHERE allowed = 0 OR record IN (SELECT id FROM record WHERE dataset = ?) ORDER BY recipient, cause, record',
  )
  for (const row of rows.all(dataset)) {
    const [nation, cause] = [row['recipient'] as Nation, row['cause'] as string]
    const key = `${nation} ${cause}`
    const each = told.get(key) ?? { nation, cause, back: [], allowed: [] }
    told.set(key, each)
    each[row['allowed'] === 1 ? 'allowed' : 'back'].push(row['record'] as string)
  }
  return [...told.values()]
}

/** Takes in what another node of ours says. What a person has let go, at either, is let go. Inside a transaction. */
export function takeKeptBack(db: Database, told: readonly KeptBack[]): void {
  const allow = db.prepare(
    'INSERT OR REPLACE INTO recall_cause(recipient, record, cause, allowed) VALUES (?, ?, ?, 1)',
  )
  const unmark = db.prepare(
    'DELETE FROM recalled_out WHERE recipient = ?1 AND record = ?2 AND NOT EXISTS (SELECT 1 FROM recall_cause WHERE recipient = ?1 AND record = ?2 AND allowed = 0)',
  )
  for (const { nation, cause, back, allowed } of told) {
    for (const record of back) keepBack(db, nation, record, cause)
    for (const record of allowed) {
      allow.run(nation, record, cause)
      unmark.run(nation, record)
    }
  }
}
