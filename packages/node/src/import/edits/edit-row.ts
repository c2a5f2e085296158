import { type DataRecord, Kind, nationName, RecordId } from '@entente/schema'
import { recordColumns } from '../../export-table/columns.ts'
import { readGuarded } from '../../export-table/guard-text.ts'
import { markingOfOwn } from '../../export-table/marking.ts'
import type { OwnVersion } from '../../export-table/record-cells.ts'
import type { FieldChange } from '../../ledger/record/field-changes.ts'
import type { SeenEdit } from '../../ledger/writing/seen-edits.ts'
import type { ViewRow } from '../../view/view.ts'
import { type ImportCode, ImportError } from '../import-error.ts'
import type { Flag } from '../row-result.ts'
import type { RawRow } from '../table/table.ts'
import { quote } from '../values/transform.ts'
import { type EditColumns, idColumn, textsOf } from './edit-columns.ts'
import { mendCell } from './mend-cell.ts'
import { differing, readEdit } from './read-edit.ts'

/** What the node holds, by which rows are read. */
export interface Holdings {
  readonly own: (id: string) => OwnVersion | null
  /** What partners released to us under an id. */
  readonly foreign: (id: string) => readonly ViewRow[]
  readonly columnsOf: (kind: Kind) => EditColumns
}

/** A row that names an own record. */
export interface OwnRow {
  readonly is: 'own'
  readonly id: RecordId
  readonly now: DataRecord
  /** The version that was exported; '' where the row no longer says. */
  readonly version: string
  readonly changedSince: boolean
  readonly cells: ReadonlyMap<string, string>
  readonly columns: EditColumns
}

/** A row of which no edit can be made: it changes nothing, or is refused. */
export type SettledRow =
  | { readonly is: 'same'; readonly record: string }
  | {
      readonly is: 'refused'
      readonly record: string | null
      readonly code: ImportCode
      readonly column: string | null
      readonly reason: string
    }

export interface EditedRow extends SeenEdit {
  readonly is: 'edit'
  /** What it changes, where that can be said without the ledger: fields that are there keep their labels. */
  readonly changes: readonly FieldChange[] | null
  readonly flags: readonly Flag[]
}

/** Finds the record that a row is of. */
export function findRow(raw: RawRow, holdings: Holdings): OwnRow | SettledRow {
  return attempt(null, () => {
    const cells = textsOf(raw)
    const id = RecordId.safeParse(cells.get(idColumn))
    if (!cells.has(idColumn))
      throw new ImportError(
        'ID_MISSING',
        'the row names no record: an edited table changes records that are there; import new ones through a mapping',
        idColumn,
      )
    const own = id.success ? holdings.own(id.data) : null
    if (id.success && own !== null) {
      const version = readGuarded(cells.get('entente.version') ?? '')
      const { record: now } = own
      const changedSince = version !== own.version
      const columns = holdings.columnsOf(now.kind)
      return { is: 'own', id: id.data, now, version, changedSince, cells, columns }
    }
    const [first, ...others] = id.success ? holdings.foreign(id.data) : []
    if (first === undefined)
      throw new ImportError(
        'RECORD_UNKNOWN',
        `this node holds no record ${quote(cells.get(idColumn) ?? '')}`,
        idColumn,
      )
    return foreignRow(cells, [first, ...others], holdings)
  })
}

/** What a row changes in its own record. @param then the record as it was exported; null if that is not known */
export function editOf(row: OwnRow, then: DataRecord | null): EditedRow | SettledRow {
  const { id, now, version, changedSince, cells, columns } = row
  return attempt(id, () => {
    const seenAs = changedSince && version !== '' ? then : now
    const edit = readEdit(cells, columns.fields, now, seenAs)
    if (version === '' && Object.keys(edit.values).length > 0)
      throw new ImportError(
        'MISSING_VALUE',
        'the row is edited and no longer says which version of its record it shows: export again and edit that',
        'entente.version',
      )
    const flags = [...edit.flags, ...unreadFlags(row)]
    return { is: 'edit', record: id, ...edit, changes: changesOf(edit.values, now), flags }
  })
}

function changesOf(
  values: SeenEdit['values'],
  { fields }: DataRecord,
): readonly FieldChange[] | null {
  const changes: FieldChange[] = []
  for (const [field, value] of Object.entries(values)) {
    const before = fields[field]
    // A new field needs a label, extensions are checked as a whole.
    if (before === undefined || field === 'ext') return null
    const { label } = before
    const after = value === null ? null : { value, label }
    changes.push({ field, before: { value: before.value, label }, after })
  }
  return changes.toSorted((a, b) => (a.field < b.field ? -1 : 1))
}

function foreignRow(
  cells: ReadonlyMap<string, string>,
  held: readonly [ViewRow, ...ViewRow[]],
  { columnsOf }: Holdings,
): SettledRow {
  const kind = Kind.parse(held[0].kind)
  const { fields } = columnsOf(kind)
  const columns = held.map((row) =>
    differing(cells, fields, kind, (name) => row.fields[name]?.value),
  )
  const { id, originator } = held[0]
  if (columns.includes(undefined)) return { is: 'same', record: id }
  const [column] = columns
  return {
    is: 'refused',
    record: id,
    code: 'NOT_OURS',
    column: column ?? null,
    reason: `${column} says other than what is released to us: the record is of ${nationName(originator)}, who alone can change it`,
  }
}

/** What was changed, or added, in columns that are not read back. */
function unreadFlags({ cells, now, changedSince, columns: { others } }: OwnRow): readonly Flag[] {
  const held: Readonly<Record<string, string>> = {
    'entente.kind': now.kind,
    'entente.dataset': now.dataset,
    'entente.originator': now.originator,
    'entente.status': now.envelope.status,
    'entente.as_of': now.envelope.asOf,
    'entente.marking': markingOfOwn(now),
  }
  const changed = recordColumns.filter((column) => {
    const [cell, is] = [cells.get(column), held[column]]
    if (cell === undefined || is === undefined || readGuarded(cell) === is) return false
    // Labels may have changed since the export; and a table of an exercise says so.
    if (column === 'entente.marking')
      return !changedSince && readGuarded(cell).replace(/^EXERCISE ?/, '') !== is
    const mended = column === 'entente.as_of' ? mendCell(cell, { is: 'date' }, is) : null
    return !(mended !== null && 'text' in mended && mended.text === is)
  })
  const flag = (column: string, message: string): Flag => ({ code: 'NOT_READ', column, message })
  return [
    ...changed.map((column) =>
      flag(
        column,
        `${column} says ${quote(cells.get(column) ?? '')}, the ledger ${held[column]}: it is not read back${column === 'entente.marking' ? '; a label is changed by entente record edit --label' : ''}`,
      ),
    ),
    ...others
      .filter((column) => cells.has(column))
      .map((column) => flag(column, `${column} is no field of a ${now.kind}: it is not read`)),
  ]
}

function attempt<T>(record: string | null, work: () => T): T | SettledRow {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof ImportError)) throw error
    const { code, column = null, message: reason } = error
    return { is: 'refused', record, code, column, reason }
  }
}
