import { Nation, type Purge, StatementPlace } from '@entente/schema'
import { z } from 'zod'
import type { Deps } from '../deps.ts'

/** `purge_passed`: partners' words that they purged what another node of ours recalled, or our nation by its word, until our other nodes have them. */
export const purgePassedTables = `
CREATE TABLE IF NOT EXISTS purge_passed(peer TEXT NOT NULL, nation TEXT NOT NULL, word TEXT NOT NULL, PRIMARY KEY(peer, nation, word)) STRICT, WITHOUT ROWID;
`

/** What the main node passes on: it receives for all. */
export const PurgeMessage = z.strictObject({
  nation: Nation,
  recall: StatementPlace,
  purged: z.int().min(0),
  /** Of how many nations that it had handed on to it has no proof yet. */
  unproven: z.int().min(1).max(64).optional(),
  /** A word of ours that does not count, by which it let go what it names. */
  word: z.string().max(4_096).optional(),
})
export type PurgeMessage = z.infer<typeof PurgeMessage>

/**
 * Keeps a word of a partner for our other releasing nodes, of which one may have recalled what it names, or given it. It takes the place of
 * an earlier one. Inside a transaction.
 * @returns false when there are none: then it names nothing
 */
export function passPurge(
  { db, siblings }: Deps,
  nation: Nation,
  { recall, purged, unproven, word: seal }: Purge,
): boolean {
  const others = siblings.filter(({ drafts }) => !drafts)
  const said: PurgeMessage = {
    ...{ nation, recall, purged },
    ...(unproven !== undefined && { unproven }),
    ...(seal !== undefined && { word: seal }),
  }
  const word = JSON.stringify(said)
  db.prepare("DELETE FROM purge_passed WHERE nation = ? AND word ->> '$.recall.statement' = ?").run(
    nation,
    recall.statement,
  )
  for (const { peerId } of others)
    db.prepare('INSERT INTO purge_passed(peer, nation, word) VALUES (?, ?, ?)').run(
      peerId,
      nation,
      word,
    )
  return others.length > 0
}
