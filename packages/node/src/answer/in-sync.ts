import type { Nation } from '@entente/schema'
import type { Database } from '../adapters/sqlite-database.ts'

/** When each partner was last proven to be in sync with us, both ways; it outlives the process. */
export const syncTables = `
CREATE TABLE IF NOT EXISTS in_sync(nation TEXT PRIMARY KEY, at_ms INTEGER NOT NULL) STRICT;
`

/** Null: never yet. */
export const lastInSyncMs = (db: Database, nation: Nation): number | null =>
  (db.prepare('SELECT at_ms FROM in_sync WHERE nation = ?').get(nation)?.['at_ms'] as
    | number
    | undefined) ?? null

/** Notes what a look at partners has found. What was noted a moment ago is not written again: status is asked for many times a second. */
export function noteInSync(db: Database, atMs: number, inSync: readonly Nation[]): void {
  const put = db.prepare('INSERT OR REPLACE INTO in_sync(nation, at_ms) VALUES (?, ?)')
  const isNews = (nation: Nation) => {
    const lastMs = lastInSyncMs(db, nation)
    return lastMs === null || Math.abs(atMs - lastMs) >= MOMENT_MS
  }
  const news = inSync.filter(isNews)
  if (news.length === 0) return
  db.transact(() => {
    for (const nation of news) put.run(nation, atMs)
  })
}
const MOMENT_MS = 1_000

/** How often a running node looks by itself; besides, it does when it is asked for its status, and when a partner or it itself leaves. */
export const SYNC_LOOK_MS = 15_000
