import type { DataRecord, RecordId } from '@entente/schema'
import type { Database } from '../../adapters/sqlite-database.ts'

/** Which records to list; every condition must hold. `text` occurs in a field's value, letter case aside for ASCII. */
export interface RecordFilter {
  readonly kind?: string
  readonly dataset?: string
  readonly originator?: string
  readonly text?: string
}

/** Records in the order of their ids; `after` is the last id of the page before. */
export interface Page {
  readonly after?: string
  readonly limit: number
}

/** Reads the projection: what the ledger holds, as of the last change that resolved. */
export function createReader(db: Database) {
  const one = db.prepare('SELECT json FROM record WHERE id = ?')
  const page = db.prepare(`
    SELECT json FROM record
    WHERE id > $after AND kind = ifnull($kind, kind) AND dataset = ifnull($dataset, dataset)
      AND ($originator IS NULL OR json ->> '$.originator' = $originator)
      AND ($text IS NULL OR EXISTS (
        SELECT 1 FROM json_each(record.json, '$.fields')
        WHERE json_extract(value, '$.value') LIKE '%' || $text || '%' ESCAPE '\\'))
    ORDER BY id LIMIT $limit`)
  return {
    get: (id: RecordId): DataRecord | null => {
      const row = one.get(id)
      return row === undefined ? null : (JSON.parse(String(row['json'])) as DataRecord)
    },
    list: (filter: RecordFilter = {}, { after = '', limit }: Page = { limit: 100 }): DataRecord[] =>
      page
        .all({
          $after: after,
          $kind: filter.kind ?? null,
          $dataset: filter.dataset ?? null,
          $originator: filter.originator ?? null,
          $text: filter.text?.replace(/[\\%_]/g, '\\$&') ?? null,
          $limit: limit,
        })
        .map((row) => JSON.parse(String(row['json'])) as DataRecord),
  }
}
