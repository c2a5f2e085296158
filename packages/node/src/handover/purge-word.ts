import { Nation, type Purge, StatementPlace } from '@entente/schema'
import { z } from 'zod'
import type { Deps } from '../deps.ts'

/** `purge_passed`: partners' words that they purged what another node of ours recalled, until our other nodes have them. */
export const purgePassedTables = `
CREATE TABLE IF NOT EXISTS purge_passed(peer TEXT NOT NULL, nation TEXT NOT NULL, word TEXT NOT NULL, PRIMARY KEY(peer, nation, word)) STRICT, WITHOUT ROWID;
`

/** What the main node passes on: it receives for all. */
export const PurgeMessage = z.strictObject({
  nation: Nation,
  recall: StatementPlace,
  purged: z.int().min(0),
})
export type PurgeMessage = z.infer<typeof PurgeMessage>

/**
 * Keeps a word that names no recall of this node for our other releasing nodes. Inside a transaction.
 * @returns false when there are none: then it names nothing
 */
export function passPurge(
  { db, siblings }: Deps,
  nation: Nation,
  { recall, purged }: Purge,
): boolean {
  const others = siblings.filter(({ drafts }) => !drafts)
  const word = JSON.stringify({ nation, recall, purged } satisfies PurgeMessage)
  for (const { peerId } of others)
    db.prepare('INSERT OR IGNORE INTO purge_passed(peer, nation, word) VALUES (?, ?, ?)').run(
      peerId,
      nation,
      word,
    )
  return others.length > 0
}
