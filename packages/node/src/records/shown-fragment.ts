import type { Fragment } from '@entente/schema'
import type { Database } from '../adapters/sqlite-database.ts'
import type { View } from '../view/view.ts'

/**
 * What is shown of a partner's record, in the form in which it was released: of the feed that is shown, without the fields
 * that a notice hides. Null when nothing of it is.
 */
export function shownFragment(db: Database, view: View, id: string): Fragment | null {
  const [row] = view.byRecord(id)
  const feed = view.feedOf(id)
  if (row === undefined || feed === undefined) return null
  const held = db.prepare('SELECT json FROM held_in WHERE feed = ? AND record = ?').get(feed, id)
  if (held === undefined) return null
  const fragment = JSON.parse(held['json'] as string) as Fragment
  const disclosures = fragment.disclosures.filter(([, field]) => Object.hasOwn(row.fields, field))
  return { ...fragment, disclosures }
}
