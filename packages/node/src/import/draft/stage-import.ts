import { type Nation, nationName } from '@entente/schema'
import type { Deps } from '../../deps.ts'
import type { Ledger } from '../../ledger/ledger.ts'
import type { Progress } from '../../node-api.ts'
import { namesLabel, underDataset } from '../mapping/mapping.ts'
import type { ReadyMapping } from '../mapping/mapping-store.ts'
import { readDrafts } from '../read-drafts.ts'
import type { Flag, RowResult } from '../row-result.ts'
import type { Table } from '../table/table.ts'
import type { Import, ImportStore } from './import-store.ts'
import { settleKeys } from './settle-keys.ts'
import { type Claim, type Placed, type StagedFile, stageFile } from './stage-file.ts'

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
  claim: Claim,
  progress?: Progress,
): Promise<Import> {
  const { db, nation, onStep } = deps
  let absent: readonly string[] = []
  const { digest, text, signatures, widenedBy } = request.mapping
  const mapping = underDataset(request.mapping.mapping, request.least ?? null)
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
        signed: widenedBy !== null,
      },
      read,
      write,
      absent: () => absent,
      missing: (id) => missingFrom(db, id, mapping.mapping).length,
    },
    claim,
    progress,
  )

  async function* read(table: Table): AsyncGenerator<RowResult> {
    const results = readDrafts(table, mapping, (columns) => {
      absent = columns
    })
    for await (const result of results) yield ownOnly(result, nation)
  }

  async function write(id: number, placed: readonly Placed<RowResult>[]): Promise<void> {
    const { rows, standing, outranked, raised } = settleKeys(placed, (key) =>
      store.standing(id, key),
    )
    const compared = await ledger.compare([...standing.values()], {
      widenedBy,
      names: (field, originator) => namesLabel(mapping, field, originator),
    })
    const settled = [...rows]
    for (const [i, place] of [...standing.keys()].entries()) {
      const [row, found] = [rows[place], compared[i]]
      if (row === undefined || found === undefined) continue
      const { outcome, record, changes, gone } = found
      settled[place] = {
        ...row,
        outcome,
        record,
        detail: changes.length > 0 ? { changes } : null,
        flags: [...row.flags, ...goneFlags(gone)],
      }
    }
    db.transact(() => {
      for (const [key, detail] of outranked) store.giveWay(id, key, detail)
      store.addRows(id, settled)
      for (const [key, rank] of raised) store.raise(id, key, rank)
    })
    onStep('import:staged')
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

/** Keys of the mapping that stand in the ledger and in no row of the import, taken in or refused, by key; all unless some are asked for. */
export function missingFrom(
  db: Deps['db'],
  id: number,
  mapping: string,
  { after, limit }: { readonly after: number; readonly limit: number } = { after: 0, limit: -1 },
): readonly { readonly record: string; readonly key: string }[] {
  const from = `${JSON.stringify([mapping]).slice(0, -1)},`
  return db
    .prepare(
      `SELECT natural_key.record AS record, natural_key.key AS key FROM natural_key JOIN record ON record.id = natural_key.record
       WHERE natural_key.key >= ? AND natural_key.key < ? AND record.status <> 'withdrawn'
         AND NOT EXISTS (SELECT 1 FROM import_row INDEXED BY import_row_key WHERE import = ? AND import_row.key = natural_key.key)
       ORDER BY natural_key.key LIMIT ? OFFSET ?`,
    )
    .all(from, `${from.slice(0, -1)}-`, id, limit, after) as { record: string; key: string }[]
}
