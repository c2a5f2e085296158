import type { NationRecall } from '@entente/schema'
import type { Deps } from '../deps.ts'
import type { GivenRecord } from '../retransfer/left-records.ts'
import { noteRecalled } from '../retransfer/recall-downstream.ts'
import type { View } from '../view/view.ts'

/** Lets go what a nation gave of the records that it recalls by its word, or others handed on. Inside a transaction. @returns how many fragments */
export function letGoRecalled(
  deps: Deps,
  view: View,
  { digest, recall: { nation, records, purge } }: NationRecall,
): number {
  const { db } = deps
  const held = db.prepare(
    "SELECT held_in.feed, digest AS head FROM held_in JOIN feed_in USING (feed) WHERE record = ?1 AND (sender = ?2 OR json ->> '$.head.originator' = ?2)",
  )
  const left = db.prepare(
    'SELECT DISTINCT head FROM left_in JOIN feed_in USING (feed) WHERE record = ? AND sender = ?',
  )
  const unwant = db.prepare(
    'DELETE FROM quarantine WHERE record = ? AND feed IN (SELECT feed FROM feed_in WHERE sender = ?)',
  )
  let count = 0
  const given: GivenRecord[] = []
  for (const record of new Set(records)) {
    const heads = new Set(left.all(record, nation).map(({ head }) => head as string))
    for (const row of held.all(record, nation)) {
      const feed = row['feed'] as string
      db.prepare('DELETE FROM held_in WHERE feed = ? AND record = ?').run(feed, record)
      view.removeForeign(feed, record)
      heads.add(row['head'] as string)
      count++
    }
    unwant.run(record, nation)
    // Under whatever head: all of it is recalled.
    if (heads.size > 0) given.push({ record, head: '' })
  }
  noteRecalled(deps, nation, { feed: digest, seq: 0, purge }, given)
  return count
}
