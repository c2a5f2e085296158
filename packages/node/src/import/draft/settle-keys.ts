import type { SourceRow } from '../../ledger/writing/source-rows.ts'
import type { RowResult } from '../row-result.ts'
import { formatDraft } from './draft-text.ts'
import type { ImportRow, RowDetail } from './import-store.ts'
import { bare, type Placed } from './stage-file.ts'

/** Rows of a batch once it is clear which of them stand. */
export interface SettledRows {
  readonly rows: readonly ImportRow[]
  /** The rows that stand, by their place in `rows`, to be compared with the ledger. */
  readonly standing: ReadonlyMap<number, SourceRow>
  /** Why what was written down of a key before gives way. */
  readonly outranked: ReadonlyMap<string, RowDetail>
  /** Rank of a later copy of what was written down of a key before. */
  readonly raised: ReadonlyMap<string, string>
}

/**
 * Finds which of several rows with one natural key stands: the latest, of equals the first. A copy of it is unchanged;
 * what says otherwise is refused, with its copies.
 * @param writtenDown the row that stands for a key so far
 */
export function settleKeys(
  placed: readonly Placed<RowResult>[],
  writtenDown: (key: string) => ImportRow | null,
): SettledRows {
  const rows: ImportRow[] = []
  const standing = new Map<number, SourceRow>()
  const outranked = new Map<string, RowDetail>()
  const raised = new Map<string, string>()
  /** Places in `rows` that have a key: the row that stands first, its copies behind it. */
  const having = new Map<string, number[]>()
  for (const { seq, row: result } of placed) {
    const at = rows.length
    if (!result.ok) {
      const { row, column, code, reason, naturalKey: key = null } = result
      rows.push({ ...bare(seq, row), key, outcome: 'refused', detail: { column, code, reason } })
      continue
    }
    const { row, naturalKey: key, rank, flags } = result
    const draft = formatDraft(result.draft)
    const places = having.get(key) ?? []
    const earlier =
      places.map((place) => rows[place]).find((each) => each?.draft != null) ??
      (outranked.has(key) ? null : writtenDown(key))
    const greatest = raised.get(key) ?? earlier?.rank ?? ''
    if (earlier?.draft === draft) {
      rows.push({ ...bare(seq, row), key, outcome: 'same', detail: { copyOf: earlier.row }, flags })
      having.set(key, [...places, at])
      if (rank > greatest) raised.set(key, rank)
      continue
    }
    if (earlier && rank <= greatest) {
      const detail = repeated(earlier.row, rank, greatest)
      rows.push({ ...bare(seq, row), outcome: 'refused', detail, flags })
      continue
    }
    if (earlier) {
      const detail = repeated(row, greatest, rank)
      // What was written down gave way to the first that is later; what that gave way to is its own affair.
      if (!outranked.has(key)) outranked.set(key, detail)
      raised.delete(key)
      for (const place of places) {
        const given = rows[place] as ImportRow
        rows[place] = {
          ...bare(given.seq, given.row),
          outcome: 'refused',
          detail,
          flags: given.flags,
        }
        standing.delete(place)
      }
    }
    rows.push({ ...bare(seq, row), key, rank, draft, outcome: 'create', flags })
    standing.set(at, { naturalKey: key, draft: result.draft })
    having.set(key, [at])
  }
  return { rows, standing, outranked, raised }
}

function repeated(stands: number, rank: string, greater: string): RowDetail {
  const why = greater !== rank ? ` and is later (${greater})` : ' and comes first'
  return {
    code: 'DUPLICATE_KEY',
    reason: `row ${stands} has the same key with other content${why}`,
  }
}
