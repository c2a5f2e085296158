import { ownOf, type RecordId } from '@entente/schema'
import type { Deps } from '../deps.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { FieldAuthors } from '../ledger/shards/authors-in.ts'

/**
 * Who wrote what may be approved of these records, none of whom approves it: of a field whose band is of an older version, everybody
 * who has written it.
 */
export async function authorsOf(
  { db }: Pick<Deps, 'db'>,
  ledger: Pick<Ledger, 'authors' | 'histories'>,
  ids: readonly RecordId[],
): Promise<ReadonlyMap<RecordId, FieldAuthors>> {
  const authors = new Map(await ledger.authors(ids))
  const stands = db.prepare(
    'SELECT field FROM band_standing JOIN record ON record.id = band_standing.record WHERE band_standing.record = ? AND version <> digest',
  )
  const older = new Map(
    ids.flatMap((id) => {
      const fields = stands.all(id).map((row) => row['field'] as string)
      return fields.length === 0 ? [] : [[id, fields] as const]
    }),
  )
  if (older.size === 0) return authors
  for (const [id, history] of await ledger.histories([...older.keys()])) {
    const fields = (older.get(id) ?? []).map((field) => {
      const wrote = history.flatMap((entry) => (entry.fields.includes(field) ? entry.author : []))
      return [
        field,
        [...new Set([...(ownOf(authors.get(id) ?? {}, field) ?? []), ...wrote])].sort(),
      ] as const
    })
    authors.set(id, { ...authors.get(id), ...Object.fromEntries(fields) })
  }
  return authors
}
