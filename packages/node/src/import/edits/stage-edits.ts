import type { Kind } from '@entente/schema'
import type { Deps } from '../../deps.ts'
import { ownVersion } from '../../export-table/record-cells.ts'
import type { Ledger } from '../../ledger/ledger.ts'
import type { SeenResult } from '../../ledger/writing/seen-edits.ts'
import type { Progress } from '../../node-api.ts'
import type { View } from '../../view/view.ts'
import type { Import, ImportRow, ImportStore } from '../draft/import-store.ts'
import {
  bare,
  type Claim,
  type Placed,
  type RowReader,
  type StagedFile,
  stageFile,
} from '../draft/stage-file.ts'
import { ImportError } from '../import-error.ts'
import { openTable } from '../table/open-table.ts'
import { fileSource, type RawRow } from '../table/table.ts'
import { type EditColumns, editColumns, idColumn } from './edit-columns.ts'
import { type EditedRow, editOf, findRow, type Holdings, type SettledRow } from './edit-row.ts'
import { formatEdit } from './edit-text.ts'

/** Nothing by which rows are read: they say themselves of which record they are. */
const byHand = {
  mapping: null,
  edition: null,
  digest: null,
  mappingText: null,
  signatures: [],
  signed: false,
} as const

/**
 * Reads an exported table that comes back into a draft: each row is an edit by hand of the record that it names, or no
 * change.
 * @throws {ImportError} `MAPPING_MISSING` for a table that is no export; else as `stageFile`
 */
export async function stageEdits(
  deps: Deps,
  store: ImportStore,
  ledger: Ledger,
  view: View,
  request: StagedFile,
  claim: Claim,
  progress?: Progress,
): Promise<Import> {
  const table = { ...request.table, shortRows: true }
  const { info } = await openTable(fileSource(request.path, request.file), table)
  const names = info.columns ?? []
  if (!names.includes(idColumn))
    throw new ImportError(
      'MAPPING_MISSING',
      `${request.file} has no column ${idColumn}, so it is no table of entente export: name its mapping with --mapping; entente import map suggest proposes one`,
    )
  const columns = new Map<Kind, EditColumns>()
  const holdings: Holdings = {
    own: (id) => ownVersion(deps.db, id),
    foreign: (id) => view.byRecord(id).filter(({ provenAtMs }) => provenAtMs !== null),
    columnsOf: (kind) => {
      const known = columns.get(kind) ?? editColumns(kind, names)
      columns.set(kind, known)
      return known
    },
  }
  const reader: RowReader<RawRow> = {
    by: byHand,
    read: ({ rows }) => rows(),
    write,
    missing: () => 0,
  }
  return stageFile(deps, store, { ...request, table }, reader, claim, progress)

  async function write(id: number, placed: readonly Placed<RawRow>[]): Promise<void> {
    const found = placed.map(({ seq, row }) => ({
      place: bare(seq, row.row),
      row: findRow(row, holdings),
    }))
    const old = found.flatMap(({ row }) =>
      row.is === 'own' && row.changedSince && row.version !== ''
        ? [[row.id, row.version] as const]
        : [],
    )
    const then = await ledger.versions(new Map(old))
    const rows: ImportRow[] = []
    const standing = new Map<string, ImportRow>()
    const unclear: EditedRow[] = []
    for (const { place, row } of found) {
      const edit = row.is === 'own' ? editOf(row, then.get(row.id) ?? null) : row
      const made = rowOf(place, edit, (key) => standing.get(key) ?? store.standing(id, key))
      if (made.key !== null) standing.set(made.key, made)
      if (edit.is === 'edit' && made.outcome === 'update' && edit.changes === null)
        unclear.push(edit)
      rows.push(made)
    }
    const compared = new Map<string, SeenResult>()
    for (const result of await ledger.compareSeen(unclear)) compared.set(result.record, result)
    const kept = rows.map((row) => settled(row, compared.get(row.key ?? '')))
    deps.db.transact(() => store.addRows(id, kept))
  }
}

/** A row as it is kept, before it is compared. @param standingFor the row that stands for a record */
function rowOf(
  place: ReturnType<typeof bare>,
  edit: EditedRow | SettledRow,
  standingFor: (key: string) => ImportRow | null,
): ImportRow {
  if (edit.is === 'same') return { ...place, outcome: 'same', record: edit.record }
  if (edit.is === 'refused') {
    const { record, code, column, reason } = edit
    return { ...place, outcome: 'refused', record, detail: { code, column, reason } }
  }
  const { record, flags } = edit
  const draft = formatEdit(edit)
  const earlier = standingFor(record)
  if (earlier === null) {
    const outcome = Object.keys(edit.values).length > 0 ? 'update' : 'same'
    const detail = outcome === 'update' && edit.changes !== null ? { changes: edit.changes } : null
    return { ...place, outcome, key: record, record, draft, detail, flags }
  }
  if (earlier.draft === draft)
    return { ...place, outcome: 'same', record, detail: { copyOf: earlier.row }, flags }
  const reason = `row ${earlier.row} is of the same record and says other than this one: it stands`
  return { ...place, outcome: 'refused', record, detail: { code: 'DUPLICATE_KEY', reason }, flags }
}

/** A row with what the ledger says to its edit. */
function settled(row: ImportRow, result: SeenResult | undefined): ImportRow {
  if (row.outcome !== 'update' || result === undefined) return row
  const { outcome, changes, refusal } = result
  if (outcome === 'update') return { ...row, detail: { changes } }
  if (outcome === 'same') return { ...row, outcome }
  const detail =
    outcome === 'kept'
      ? {
          code: 'CHANGED_SINCE',
          reason: 'the record is being changed by somebody else: import the table again',
        }
      : { code: 'BAD_VALUE', reason: refusal ?? '' }
  return { ...row, outcome: 'refused', key: null, draft: null, detail }
}
