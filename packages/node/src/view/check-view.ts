import type { Database } from '../adapters/sqlite-database.ts'
import type { Finding } from '../ledger/keeping/finding.ts'

/** Compares the nation's own rows of the view with its records, and the search index with the rows that it is made from. */
export function* checkView(db: Database): Generator<Finding> {
  const stale = db
    .prepare(
      `SELECT id, version FROM record LEFT JOIN view_row ON source = 'own' AND view_row.record = id
       WHERE version IS NOT digest`,
    )
    .iterate()
  for (const { id, version } of stale)
    yield {
      code: 'VIEW_STALE',
      record: String(id),
      message:
        version === null ? 'the view does not have it' : 'the view has another version of it',
    }
  const extra = db
    .prepare(
      "SELECT record FROM view_row WHERE source = 'own' AND record NOT IN (SELECT id FROM record)",
    )
    .iterate()
  for (const { record } of extra)
    yield {
      code: 'VIEW_EXTRA',
      record: String(record),
      message: 'the view shows it, and it is not there',
    }
  const index = indexFault(db)
  if (index !== null) yield { code: 'SEARCH_INDEX', message: index }
  // Of a damaged index nothing can be read.
  else yield* checkSearchRows(db)
}

/** @see https://sqlite.org/fts5.html, section 6.8: the index against the text that it is made from */
function indexFault(db: Database): string | null {
  try {
    db.exec("INSERT INTO view_text (view_text, rank) VALUES ('integrity-check', 0)")
    return null
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

function* checkSearchRows(db: Database): Generator<Finding> {
  const unfound = db
    .prepare('SELECT record FROM view_row WHERE rowid NOT IN (SELECT id FROM view_text_docsize)')
    .iterate()
  for (const { record } of unfound)
    yield {
      code: 'SEARCH_ROWS',
      record: String(record),
      message: 'the search index does not have it',
    }
  const { n = 0 } =
    db
      .prepare(
        'SELECT count(*) AS n FROM view_text_docsize WHERE id NOT IN (SELECT rowid FROM view_row)',
      )
      .get() ?? {}
  if (Number(n) > 0)
    yield {
      code: 'SEARCH_ROWS',
      message: `the search index has ${n} texts of rows that are not there`,
    }
}
