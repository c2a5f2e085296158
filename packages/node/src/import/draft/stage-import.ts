import { type Nation, nationName } from '@entente/schema'
import type { Deps } from '../../deps.ts'
import type { Ledger } from '../../ledger/ledger.ts'
import type { SourceRow } from '../../ledger/source-rows.ts'
import type { Progress } from '../../node-api.ts'
import type { ReadyMapping } from '../mapping/mapping-store.ts'
import { readDrafts } from '../read-drafts.ts'
import type { Flag, RowResult } from '../row-result.ts'
import type { Table } from '../table/table.ts'
import { formatDraft } from './draft-text.ts'
import type { Import, ImportRow, ImportStore, RowDetail } from './import-store.ts'
import { bare, type Placed, type StagedFile, stageFile } from './stage-file.ts'

export interface StageRequest extends StagedFile {
  readonly mapping: ReadyMapping
}

/**
 * Reads a file through a mapping into a draft.
 * @throws as `stageFile`
 */
export function stageImport(
  deps: Deps,
  store: ImportStore,
  ledger: Ledger,
  request: StageRequest,
  progress?: Progress,
): Promise<Import> {
  const { db, nation } = deps
  const { mapping, digest, text, signatures, mayWiden } = request.mapping
  return stageFile(
    deps,
    store,
    { ...request, table: { ...mapping.table, ...request.table } },
    {
      by: {
        mapping: mapping.mapping,
        edition: mapping.edition,
        digest,
        mappingText: text,
        signatures,
        signed: mayWiden,
      },
      read,
      write,
      missing: (id) => missingFrom(db, id, mapping.mapping, null).length,
    },
    progress,
  )

  async function* read(table: Table): AsyncGenerator<RowResult> {
    for await (const result of readDrafts(table, mapping)) yield ownOnly(result, nation)
  }

  async function write(id: number, placed: readonly Placed<RowResult>[]): Promise<void> {
    const rows = new Map<number, ImportRow>()
    const outranked: { readonly seq: number; readonly detail: RowDetail }[] = []
    const standing = new Map<string, ImportRow>()
    const compare: {
      readonly seq: number
      readonly source: SourceRow
      readonly flags: readonly Flag[]
    }[] = []
    for (const { seq, row: result } of placed) {
      if (!result.ok) {
        const { row, column, code, reason } = result
        rows.set(seq, { ...bare(seq, row), outcome: 'refused', detail: { column, code, reason } })
        continue
      }
      const { row, naturalKey: key, rank, flags } = result
      const text = formatDraft(result.draft)
      const earlier = standing.get(key) ?? store.standing(id, key)
      if (earlier !== null && earlier.draft === text) {
        rows.set(seq, {
          ...bare(seq, row),
          outcome: 'same',
          detail: { copyOf: earlier.row },
          flags,
        })
        continue
      }
      if (earlier !== null && rank <= (earlier.rank ?? '')) {
        rows.set(seq, {
          ...bare(seq, row),
          outcome: 'refused',
          detail: repeated(earlier.row, rank, earlier.rank),
          flags,
        })
        continue
      }
      if (earlier !== null) {
        const detail = repeated(row, earlier.rank ?? '', rank)
        const inBatch = rows.get(earlier.seq)
        if (inBatch === undefined) outranked.push({ seq: earlier.seq, detail })
        else
          rows.set(earlier.seq, {
            ...bare(earlier.seq, earlier.row),
            outcome: 'refused',
            detail,
            flags: inBatch.flags,
          })
      }
      const standingRow: ImportRow = {
        ...bare(seq, row),
        outcome: 'create',
        key,
        rank,
        draft: text,
        flags,
      }
      rows.set(seq, standingRow)
      standing.set(key, standingRow)
      compare.push({ seq, source: { naturalKey: key, draft: result.draft }, flags })
    }
    const compared = await ledger.compare(
      compare.filter(({ seq }) => rows.get(seq)?.key != null).map(({ source }) => source),
      { mayWiden },
    )
    for (const [i, { seq, flags }] of compare
      .filter(({ seq }) => rows.get(seq)?.key != null)
      .entries()) {
      const row = rows.get(seq)
      const found = compared[i]
      if (row === undefined || found === undefined) continue
      const { outcome, record, changes, gone } = found
      rows.set(seq, {
        ...row,
        outcome,
        record,
        // Kept to the end of reading, so that a copy further down is known as one.
        draft: row.draft,
        detail: changes.length > 0 ? { changes } : null,
        flags: [...flags, ...goneFlags(gone)],
      })
    }
    db.transact(() => {
      for (const { seq, detail } of outranked) store.giveWay(id, seq, detail)
      store.addRows(id, [...rows.values()])
    })
  }
}

function repeated(stands: number, rank: string, greater: string | null): RowDetail {
  const why =
    greater !== null && greater !== rank ? ` and is later (${greater})` : ' and comes first'
  return {
    code: 'DUPLICATE_KEY',
    reason: `row ${stands} has the same key with other content${why}: it stands`,
  }
}

const goneFlags = (gone: readonly string[]): readonly Flag[] =>
  gone.length === 0
    ? []
    : [
        {
          code: 'FIELD_GONE',
          column: null,
          message: `the file no longer gives ${gone.join(', ')}; what the ledger has stays`,
        },
      ]

/** A nation writes into its ledger only what it originates itself. */
function ownOnly(result: RowResult, nation: Nation): RowResult {
  if (!result.ok || result.draft.originator === nation) return result
  const { row, draft } = result
  const reason = `the originator is ${nationName(draft.originator)}: this node writes records of ${nationName(nation)} alone`
  return { ok: false, row, column: null, code: 'BAD_VALUE', reason }
}

/** Keys of the mapping that stand in the ledger and not in the import. @param limit null: all */
export function missingFrom(
  db: Deps['db'],
  id: number,
  mapping: string,
  limit: number | null,
): readonly { readonly record: string; readonly key: string }[] {
  const from = `${JSON.stringify([mapping]).slice(0, -1)},`
  return db
    .prepare(
      `SELECT natural_key.record AS record, natural_key.key AS key FROM natural_key JOIN record ON record.id = natural_key.record
       WHERE natural_key.key >= ? AND natural_key.key < ? AND record.status <> 'withdrawn'
         AND NOT EXISTS (SELECT 1 FROM import_row INDEXED BY import_row_key WHERE import = ? AND import_row.key = natural_key.key)
       ORDER BY natural_key.key LIMIT ?`,
    )
    .all(from, `${from.slice(0, -1)}-`, id, limit ?? -1) as { record: string; key: string }[]
}
