import type { DataRecord } from '@entente/schema'
import type { Database } from '../adapters/sqlite-database.ts'
import { searchTable, textOf, type View, type ViewRow } from './view.ts'

/** Rows a transaction: the node goes on between two. */
const batchSize = 256

/** Empties what can be made anew: the nation's own rows and the search index. Foreign rows are nowhere else. */
export function clearView(db: Database): void {
  db.transact(() => {
    db.exec('DROP TABLE IF EXISTS view_text')
    db.exec(searchTable)
    db.exec("DELETE FROM view_row WHERE source = 'own'")
  })
}

/** Whether every own record has a row, and every row its text. Counts only: what it says of a version is for the check. */
export function isFull(db: Database): boolean {
  const { records, own, rows, texts } =
    db
      .prepare(
        `SELECT (SELECT count(*) FROM record) AS records, (SELECT count(*) FROM view_row WHERE source = 'own') AS own,
           (SELECT count(*) FROM view_row) AS rows, (SELECT count(*) FROM view_text_docsize) AS texts`,
      )
      .get() ?? {}
  return records === own && rows === texts
}

/** Puts in what is missing, batch by batch; cut off, it goes on where it was. */
export async function refillView(
  db: Database,
  view: View,
  onRows?: (done: number, total: number) => void,
): Promise<void> {
  const unfound = db.prepare(
    'SELECT rowid, title, fields FROM view_row WHERE rowid NOT IN (SELECT id FROM view_text_docsize) LIMIT ?',
  )
  const putText = db.prepare('INSERT INTO view_text (rowid, title, body) VALUES (?, ?, ?)')
  const texts = (): number => {
    const rows = unfound.all(batchSize)
    for (const { rowid, title, fields } of rows)
      putText.run(
        rowid as number,
        title as string,
        textOf(JSON.parse(String(fields)) as ViewRow['fields']),
      )
    return rows.length
  }
  const unseen = db.prepare(
    "SELECT json FROM record WHERE id > ? AND id NOT IN (SELECT record FROM view_row WHERE source = 'own') ORDER BY id LIMIT ?",
  )
  let last = ''
  const records = (): number => {
    const batch = unseen
      .all(last, batchSize)
      .map((row) => JSON.parse(String(row['json'])) as DataRecord)
    view.projectOwn(batch)
    last = batch.at(-1)?.id ?? ''
    return batch.length
  }
  const total = Number(db.prepare('SELECT count(*) AS n FROM record').get()?.['n'])
  let done = 0
  for (const step of [texts, records])
    for (;;) {
      const rows = db.transact(step)
      if (rows === 0) break
      if (step === records) done += rows
      onRows?.(done, total)
      await new Promise((resolve) => setImmediate(resolve))
    }
}
