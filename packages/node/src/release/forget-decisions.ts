import type { Inputs } from '@entente/schema'
import { recordKeyOf, versionOf } from '@entente/schema'
import { forgetWords } from '../approvals/forget-words.ts'
import type { Deps } from '../deps.ts'
import { forgetAlerts } from './alert-out.ts'
import { forgetBands } from './band-standings.ts'

/**
 * Deletes what is kept for auditors of these leaves: officers' words; of releases their inputs, the openings of their entries with the bodies, and the
 * record versions that no other release was decided on; of requests and consents what went beside them. Inside a transaction.
 */
export function forgetDecisions({ db, fragmentKey }: Deps, leaves: readonly number[]): void {
  forgetWords(db, leaves)
  const versions = new Map<string, Set<string>>()
  for (const index of leaves) {
    const row = db.prepare('SELECT json FROM decision_inputs WHERE idx = ?').get(index)
    if (row !== undefined)
      for (const [record, version] of versionsIn(JSON.parse(row['json'] as string) as Inputs))
        versions.set(record, (versions.get(record) ?? new Set()).add(version))
    db.prepare('DELETE FROM decision_inputs WHERE idx = ?').run(index)
    db.prepare('DELETE FROM consent_used WHERE idx = ?').run(index)
    forgetAlerts(db, index)
    db.prepare('DELETE FROM entry_out WHERE idx = ?').run(index)
    db.prepare('DELETE FROM statement_body WHERE idx = ?').run(index)
    db.prepare(
      "UPDATE request SET body = NULL WHERE side = 'mine' AND statement = (SELECT hash FROM statement WHERE idx = ?)",
    ).run(index)
  }
  for (const row of db.prepare('SELECT json FROM decision_inputs').iterate())
    for (const [record, version] of versionsIn(JSON.parse(row['json'] as string) as Inputs))
      versions.get(record)?.delete(version)
  for (const [record, gone] of versions) {
    if (gone.size === 0) continue
    const key = recordKeyOf(fragmentKey, record)
    const rows = db
      .prepare("SELECT digest FROM source_version WHERE json ->> '$.id' = ?")
      .all(record)
    for (const { digest } of rows)
      if (gone.has(versionOf(key, digest as string)))
        db.prepare('DELETE FROM source_version WHERE digest = ?').run(digest as string)
    // Bands stand by a version that is here, or not at all.
    forgetBands(db, record, 'unknown')
  }
}

/** Record versions that decisions read: those decided on, and those that bands were made from. */
function* versionsIn({ records, bands = [] }: Inputs): Iterable<readonly [string, string]> {
  for (const [record, version] of records) if (version !== null) yield [record, version]
  for (const [record, , version] of bands) yield [record, version]
}
