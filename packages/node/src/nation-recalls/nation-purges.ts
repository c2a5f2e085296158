import type { Nation } from '@entente/schema'
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
      'SELECT digest, nation, purged, purge_open.unproven AS said, purge_given.seq IS NULL AS fresh FROM root_recall LEFT JOIN purge_given ON purge_given.feed = digest AND purge_given.seq = 0 LEFT JOIN purge_open ON purge_open.feed = digest WHERE purge = 1 AND deleted = 1 AND nation <> ? AND (purge_open.unproven > 0 OR (purge_given.seq IS NULL AND EXISTS (SELECT 1 FROM root_recalled WHERE root_recalled.digest = root_recall.digest))) ORDER BY digest',
    )
    .all(nation)
    .filter((row) => partners.has(row['nation'] as Nation))
    .map((row) => ({ row, unproven: unprovenDownstream(deps, row['digest'] as string, 0) }))
    .filter(({ row, unproven }) => row['fresh'] === 1 || row['said'] !== unproven)
  const uncounted = uncountedWords(deps)
  if (due.length + uncounted.length === 0) return false
  const sayUnproven = (digest: string, unproven: number) =>
    db
      .prepare('INSERT OR REPLACE INTO purge_open(feed, seq, unproven) VALUES (?, 0, ?)')
      .run(digest, unproven)
  db.transact(() => {
    for (const { nation: whose, said, unproven } of uncounted) {
      appendToControlFeed(deps, log, 'purge', whose, said)
      db.prepare('INSERT INTO purge_given(feed, seq) VALUES (?, 1)').run(said.recall.statement)
      sayUnproven(said.recall.statement, unproven)
    }
    for (const { row, unproven } of due) {
      const digest = row['digest'] as string
      const recall = { feed: digest, seq: 0, statement: digest }
      const said = { recall, purged: row['purged'] as number, ...(unproven > 0 && { unproven }) }
      appendToControlFeed(deps, log, 'purge', row['nation'] as Nation, said)
      db.prepare('INSERT OR IGNORE INTO purge_given(feed, seq) VALUES (?, 0)').run(digest)
      sayUnproven(digest, unproven)
    }
  })
  log.noteHead()
  return true
}

/**
 * What had gone by the word of a key that is revoked now, of which its nation may never have heard, and cannot any more: it is told with the
 * word, once (`purge_given` at 1).
 */
const uncountedWords = (deps: Deps) =>
  deps.db
    .prepare(
      'SELECT digest, nation, purged, seal FROM root_recall WHERE deleted = 1 AND purged > 0 AND nation <> ? AND NOT EXISTS (SELECT 1 FROM root_recalled WHERE root_recalled.digest = root_recall.digest) AND NOT EXISTS (SELECT 1 FROM purge_given WHERE feed = digest AND seq = 1) ORDER BY digest',
    )
    .all(deps.nation)
    .filter((row) => deps.partners.has(row['nation'] as Nation))
    .map((row) => {
      const digest = row['digest'] as string
      const recall = { feed: digest, seq: 0, statement: digest }
      const unproven = unprovenDownstream(deps, digest, 0)
      const said = {
        ...{ recall, purged: row['purged'] as number, word: row['seal'] as string },
        ...(unproven > 0 && { unproven }),
      }
      return { nation: row['nation'] as Nation, said, unproven }
    })
