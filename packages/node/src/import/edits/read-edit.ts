import { type DataRecord, identityOf, type Json, type Kind, parseFieldValue } from '@entente/schema'
import { same } from '../../export-table/cell-text.ts'
import type { FieldColumn } from '../../export-table/columns.ts'
import { decodeField, encodeField } from '../../export-table/field-cells.ts'
import type { SeenEdit } from '../../ledger/writing/seen-edits.ts'
import { ImportError } from '../import-error.ts'
import type { Flag } from '../row-result.ts'
import { quote } from '../values/transform.ts'
import { looksRewritten, mendCell } from './mend-cell.ts'

/** What a row of an exported table changes in its record. */
export interface ReadEdit extends Pick<SeenEdit, 'values' | 'seen'> {
  readonly flags: readonly Flag[]
}

type Cells = ReadonlyMap<string, string>
type Columns = readonly FieldColumn[]

/**
 * Compares the cells of a row with its record, field by field. A cell counts as edited only if it says other than what was
 * exported and than what the record says now; where both have changed, a person must choose.
 * @param cells texts that are not empty: an empty cell leaves its value alone
 * @param then the record as it was exported; null if that is not known
 * @throws {ImportError} `BAD_VALUE`, `MISSING_VALUE`, `CHANGED_SINCE`
 */
export function readEdit(
  cells: Cells,
  fields: ReadonlyMap<string, Columns>,
  now: DataRecord,
  then: DataRecord | null,
): ReadEdit {
  const values: Record<string, Json | null> = {}
  const seen: Record<string, Json | null> = {}
  const flags: Flag[] = []
  for (const [field, columns] of fields) {
    const given = columns.filter(({ name }) => cells.has(name))
    if (given.length === 0) continue
    const current = now.fields[field]?.value
    const exported = then === null ? current : then.fields[field]?.value
    if (says(cells, given, now.kind, field, current)) continue
    if (then !== null && says(cells, given, now.kind, field, exported)) {
      flags.push(newer(field))
      continue
    }
    const { value, rewritten } = meantBy(cells, given, now.kind, field, exported)
    flags.push(...rewritten)
    if (same(value, current ?? null)) continue
    if (then !== null && same(value, exported ?? null)) {
      if (rewritten.length === 0) flags.push(newer(field))
      continue
    }
    if (then === null || !same(exported, current))
      throw changedSince(
        field,
        given[0]?.name,
        [then === null ? null : (exported ?? null), current ?? null, value],
        now.kind,
      )
    values[field] = value
    seen[field] = current ?? null
  }
  return { values, seen, flags }
}

/** The first column that says other than a record; undefined when all that is given is as it is. */
export function differing(
  cells: Cells,
  fields: ReadonlyMap<string, Columns>,
  kind: Kind,
  valueOfField: (field: string) => Json | undefined,
): string | undefined {
  for (const [field, columns] of fields) {
    const given = columns.filter(({ name }) => cells.has(name))
    if (given.length > 0 && !says(cells, given, kind, field, valueOfField(field)))
      return given[0]?.name
  }
  return undefined
}

/** Whether cells say a value, as it was exported. */
function says(
  cells: Cells,
  given: Columns,
  kind: Kind,
  field: string,
  value: Json | undefined,
): boolean {
  if (value === undefined) return false
  const encoded = encodeField(kind, field, value)
  return given.every(({ name }) => cells.get(name) === encoded.get(name))
}

/** The value that edited cells give, in its normal form; null where they take it out. */
function meantBy(
  cells: Cells,
  given: Columns,
  kind: Kind,
  field: string,
  exported: Json | undefined,
): { readonly value: Json | null; readonly rewritten: readonly Flag[] } {
  const before =
    exported === undefined ? new Map<string, string>() : encodeField(kind, field, exported)
  const mended = new Map<string, string>()
  const rewritten: Flag[] = []
  for (const { name, shape } of given) {
    const cell = cells.get(name) ?? ''
    const meant = mendCell(cell, shape, before.get(name))
    if ('problem' in meant)
      throw new ImportError('DATE_AMBIGUOUS', `${name} is ${quote(cell)}: ${meant.problem}`, name)
    mended.set(name, meant.text)
    const was = before.get(name)
    if (meant.text !== cell && shape.is !== 'boolean')
      rewritten.push(flag(name, `${name}: ${quote(cell)} was read as ${meant.text}`))
    else if (was !== undefined && looksRewritten(was, cell) && shape.is !== 'boolean')
      rewritten.push(
        flag(
          name,
          `${name}: ${quote(cell)} stands in place of ${quote(was)}: a spreadsheet program may have rewritten it`,
        ),
      )
  }
  const read = decodeField(kind, field, mended, exported)
  if (!('value' in read))
    throw new ImportError(
      'BAD_VALUE',
      `${read.column} is ${quote(cells.get(read.column) ?? '')}: ${read.problem}`,
      read.column,
    )
  const { value } = read
  const [column] = given
  if (value === null) {
    if (identityOf(kind).includes(field))
      throw new ImportError('MISSING_VALUE', `a ${kind} needs its ${field}`, column?.name)
    return { value, rewritten }
  }
  // The ledger checks extensions when it compares.
  if (field === 'ext') return { value, rewritten }
  const parsed = parseFieldValue(kind, field, value)
  if (!parsed.ok) throw new ImportError('BAD_VALUE', parsed.reason, column?.name)
  return { value: parsed.value, rewritten }
}

const flag = (column: string, message: string): Flag => ({ code: 'REWRITTEN', column, message })

const newer = (field: string): Flag => ({
  code: 'NEWER',
  column: field,
  message: `${field} has changed since the table was written; what the ledger has stays`,
})

function changedSince(
  field: string,
  column: string | undefined,
  [then, now, wanted]: readonly [Json | null, Json | null, Json | null],
  kind: Kind,
): ImportError {
  const say = (value: Json | null) =>
    value === null ? 'nothing' : quote([...encodeField(kind, field, value).values()].join(', '))
  const was = then === null ? '' : `was ${say(then)} when the table was written, `
  return new ImportError(
    'CHANGED_SINCE',
    `${field} ${was}is ${say(now)} now, and the table says ${say(wanted)}: look which is right, then export and edit it again`,
    column,
  )
}
