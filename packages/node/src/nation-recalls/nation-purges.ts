import type { Nation, Purge } from '@entente/schema'
import type { Deps } from '../deps.ts'
import type { ReleaseLog } from '../log/release-log.ts'
import { appendToControlFeed } from '../release/control-feed.ts'
import { unprovenDownstream } from '../retransfer/unproven.ts'
import { deleteRecalled } from './nation-recalls.ts'

/**
 * Says to each nation that asked for a purge by its word that it is made, once the last byte has gone, and again as those prove theirs to
 * whom it had been handed on. At the node that receives. @returns whether something was sealed
 */
export function sealNationPurges(deps: Deps, log: ReleaseLog): boolean {
  const { db, nation, partners } = deps
  deleteRecalled(deps)
  const due = db
    .prepare(
      'SELECT digest, nation, purged, purge_open.unproven AS said, purge_given.seq IS NULL AS fresh FROM root_recall LEFT JOIN purge_given ON purge_given.feed = digest LEFT JOIN purge_open ON purge_open.feed = digest WHERE purge = 1 AND deleted = 1 AND nation <> ? AND (purge_given.seq IS NULL OR purge_open.unproven > 0) ORDER BY digest',
    )
    .all(nation)
    .filter((row) => partners.has(row['nation'] as Nation))
    .map((row) => ({ row, unproven: unprovenDownstream(deps, row['digest'] as string, 0) }))
    .filter(({ row, unproven }) => row['fresh'] === 1 || row['said'] !== unproven)
  if (due.length === 0) return false
  db.transact(() => {
    for (const { row, unproven } of due) {
      const digest = row['digest'] as string
      const recall = { feed: digest, seq: 0, statement: digest }
      const said = { recall, purged: row['purged'] as number, ...(unproven > 0 && { unproven }) }
      appendToControlFeed(deps, log, 'purge', row['nation'] as Nation, said)
      db.prepare('INSERT OR IGNORE INTO purge_given(feed, seq) VALUES (?, 0)').run(digest)
      db.prepare('INSERT OR REPLACE INTO purge_open(feed, seq, unproven) VALUES (?, 0, ?)').run(
        digest,
        unproven,
      )
    }
  })
  log.noteHead()
  return true
}

/** A nation says that it purged what was recalled by the word of ours. @returns false when it names no such recall. Inside a transaction. */
export function noteNationPurge(
  { db, nation: own }: Deps,
  nation: Nation,
  { recall, purged, unproven = 0 }: Pick<Purge, 'recall' | 'purged' | 'unproven'>,
): boolean {
  const known = db
    .prepare('SELECT 1 FROM root_recall WHERE digest = ? AND nation = ?')
    .get(recall.statement, own)
  if (known === undefined || recall.feed !== recall.statement || recall.seq !== 0) return false
  // Whom another nation had given it by consent says so too; that is not counted here.
  db.prepare(
    'UPDATE root_recall_out SET purged = ?, unproven = ? WHERE digest = ? AND recipient = ?',
  ).run(purged, unproven, recall.statement, nation)
  return true
}
