import { type Composition, topicsFor } from '@entente/policy'
import { type DataRecord, type Nation, type Selection, Selector, selects } from '@entente/schema'
import type { Database } from '../adapters/sqlite-database.ts'

/**
 * What of a dataset each nation asks for; '' is any. A row of `subscription` that has none here, of before there were
 * selectors, stands for the whole dataset.
 */
export const selectionTables = `
CREATE TABLE IF NOT EXISTS selector(nation TEXT NOT NULL, dataset TEXT NOT NULL, kind TEXT NOT NULL, topic TEXT NOT NULL, PRIMARY KEY(nation, dataset, kind, topic)) STRICT, WITHOUT ROWID;
`

/** What a nation asks for of a dataset; empty: nothing. What stands in `selector` alone, without its `subscription`, asks for nothing. */
export function selectionOf(db: Database, nation: Nation, dataset: string): Selection {
  const asks = db
    .prepare('SELECT 1 FROM subscription WHERE nation = ? AND dataset = ?')
    .get(nation, dataset)
  if (asks === undefined) return []
  const rows = db
    .prepare('SELECT kind, topic FROM selector WHERE nation = ? AND dataset = ? ORDER BY 1, 2')
    .all(nation, dataset)
  return rows.length === 0 ? [{}] : rows.map((row) => readSelector(row['kind'], row['topic']))
}

const readSelector = (kind: unknown, topic: unknown): Selector =>
  Selector.parse({ ...(kind !== '' && { kind }), ...(topic !== '' && { topic }) })

/** Notes all that a nation asks for of a dataset; empty: nothing. Inside a transaction. */
export function setSelection(
  db: Database,
  nation: Nation,
  dataset: string,
  selection: Selection,
): void {
  db.prepare('DELETE FROM selector WHERE nation = ? AND dataset = ?').run(nation, dataset)
  const put = db.prepare('INSERT INTO selector(nation, dataset, kind, topic) VALUES (?, ?, ?, ?)')
  for (const { kind, topic } of selection) put.run(nation, dataset, kind ?? '', topic ?? '')
  db.prepare(
    selection.length > 0
      ? 'INSERT OR IGNORE INTO subscription(nation, dataset) VALUES (?, ?)'
      : 'DELETE FROM subscription WHERE nation = ? AND dataset = ?',
  ).run(nation, dataset)
}

/**
 * Whether a nation asks for a record as it would go. Where nothing goes before an officer has spoken, its topics are not known yet: the
 * kind alone decides.
 */
export function isWanted(
  selection: Selection,
  { kind }: Pick<DataRecord, 'kind'>,
  composition: Composition,
): boolean {
  if (composition.fragment !== null) return selects(selection, kind, topicsFor(composition))
  return selection.some((each) => each.kind === undefined || each.kind === kind)
}
