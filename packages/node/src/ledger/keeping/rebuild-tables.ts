import { chunkKeysByDocument } from '../../adapters/sqlite-automerge-storage.ts'
import type { Database } from '../../adapters/sqlite-database.ts'
import { LedgerError } from '../ledger-error.ts'
import type { Shards } from '../shards/shards.ts'
import { breathe, type Committer } from '../writing/committer.ts'

/** Shards that the tables were made from, records that they hold, and shards that could not be read: those stay as they were. */
export interface RebuildSummary {
  readonly shards: number
  readonly records: number
  readonly damaged: readonly string[]
}

/**
 * Makes the ledger's tables anew from its shards, one shard a transaction. What the tables have of a shard that cannot be
 * read may be the last there is of it, and stays.
 */
export async function rebuildTables(
  db: Database,
  shards: Shards,
  committer: Committer,
  onShard?: (done: number, total: number) => void,
): Promise<RebuildSummary> {
  const { inTurn, settle } = committer
  const damaged: string[] = []
  const ids = await inTurn(async () => {
    // What is in memory may be ahead of, or beside, what is stored.
    await shards.reset()
    return [...chunkKeysByDocument(db).keys()].sort()
  })
  for (const [i, shard] of ids.entries()) {
    await inTurn(async () => {
      try {
        await settle(async () => shard, { ownIfUnsaid: true, anew: true })
      } catch (error) {
        if (!(error instanceof LedgerError) || error.code !== 'SHARD_DAMAGED') throw error
        damaged.push(shard)
      }
    })
    onShard?.(i + 1, ids.length)
    await breathe()
  }
  const lost = db
    .prepare('SELECT id FROM shard')
    .all()
    .map((row) => String(row['id']))
  damaged.push(...lost.filter((shard) => !ids.includes(shard)))
  await inTurn(async () =>
    db.transact(() => {
      db.exec('DELETE FROM record WHERE shard NOT IN (SELECT id FROM shard)')
      db.exec('DELETE FROM natural_key WHERE record NOT IN (SELECT id FROM record)')
    }),
  )
  const records = Number(db.prepare('SELECT count(*) AS n FROM record').get()?.['n'])
  return { shards: ids.length - damaged.length, records, damaged }
}
