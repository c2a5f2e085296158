import type { Plain } from '@entente/schema'
import { ImportError } from '../import-error.ts'
import type { Mapping } from '../mapping/mapping.ts'
import { hole, type Transform, type ValueSpec } from '../mapping/value-spec.ts'
import type { Flag } from '../row-result.ts'
import type { Cell } from '../table/table.ts'
import { mendMojibake } from './mojibake.ts'
import { shiftPoint } from './number.ts'
import { isPlaceholder } from './party.ts'
import { nationOfPlace } from './place.ts'
import { keepsGiven, placeOf, quote, transform } from './transform.ts'

/** A row, how its file writes things, and what is noticed while it is read. */
export interface RowContext {
  readonly cells: ReadonlyMap<string, Cell>
  /** Every row names its own columns (JSON): one that is not there is not given. */
  readonly sparse: boolean
  readonly style: Pick<Mapping, 'numbers' | 'dates' | 'missing'>
  readonly flag: (flag: Flag) => void
  /** Told the text of every cell that came out in another, normal form. */
  readonly given: (text: string) => void
}

/**
 * The value that a spec takes from a row, or undefined when the row does not give it.
 * @throws {ImportError} `MISSING_COLUMN`, `BAD_VALUE`, `DATE_AMBIGUOUS` or the fault of a cell, naming the column
 */
export function valueIn(spec: ValueSpec, row: RowContext): Plain | undefined {
  if ('const' in spec) return spec.const
  if ('column' in spec) return fromColumn(spec, row)
  if ('template' in spec) return fill(spec.template, row)
  if ('firstOf' in spec) return firstOf(spec.firstOf, row)
  if ('split' in spec) return split(spec, row)
  if ('list' in spec) {
    const values = spec.list
      .map((each) => valueIn(each, row))
      .filter((value) => value !== undefined)
    return values.length > 0 ? values : undefined
  }
  const members = Object.entries(spec.object)
    .map(([name, each]) => [name, valueIn(each, row)] as const)
    .filter(([, value]) => value !== undefined)
  const present = Object.fromEntries(members) as Record<string, Plain>
  const whole = (spec.require ?? []).every((name) => Object.hasOwn(present, name))
  return whole && members.length > 0 ? present : undefined
}

/**
 * Trimmed text of a cell, or undefined when it says "not given". What `values` lists is given, whatever else it may mean.
 * @throws {ImportError} `MISSING_COLUMN`, `BAD_VALUE` for a list, or the fault of the cell
 */
export function textIn(
  column: string,
  row: RowContext,
  alsoMissing: readonly string[] = [],
  values: Readonly<Record<string, string>> = {},
): string | undefined {
  const cell = row.cells.get(column)
  if (cell === undefined) {
    if (row.sparse) return undefined
    throw new ImportError('MISSING_COLUMN', `there is no column ${column}`, column)
  }
  if (Array.isArray(cell)) throw new ImportError('BAD_VALUE', `${column} holds a list`, column)
  if (typeof cell === 'object')
    throw faultOf(cell as Exclude<Cell, string | readonly string[]>, column)
  const text = clean(cell, column, row)
  if (text === '') return undefined
  if (Object.hasOwn(values, text)) return text
  return row.style.missing.includes(text) || alsoMissing.includes(text) ? undefined : text
}

function clean(cell: string, column: string, { flag }: RowContext): string {
  const text = cell.trim().normalize('NFC')
  const mended = mendMojibake(text)
  if (mended === undefined) return text
  flag({
    code: 'MOJIBAKE',
    column,
    message: `${column}: ${quote(text)} was read as ${quote(mended)}: somebody had taken UTF-8 for Windows-1252`,
  })
  return mended.trim().normalize('NFC')
}

const faultOf = (
  { code, message }: Exclude<Cell, string | readonly string[]>,
  column: string,
): ImportError => new ImportError(code, message, column)

type ColumnSpec = Extract<ValueSpec, { readonly column: string }>

function fromColumn(spec: ColumnSpec, row: RowContext): Plain | undefined {
  const text = textIn(spec.column, row, spec.missing, spec.values)
  if (text === undefined) return undefined
  const value = readValue(text, spec.as ?? 'text', spec.column, spec, row)
  return spec.shift === undefined || value === undefined
    ? value
    : shiftPoint(String(value), placesOf(spec.shift, row))
}

function readValue(
  text: string,
  as: Transform,
  column: string,
  spec: Pick<ColumnSpec, 'values' | 'home'>,
  row: RowContext,
): Plain | undefined {
  const listed = spec.values && lookUp(text, spec.values)
  if (as === 'place') return placeOf(text, listed ?? nationOfPlace(text, spec.home))
  if (as === 'party' && listed === undefined && isPlaceholder(text)) {
    row.flag({
      code: 'PLACEHOLDER',
      column,
      message: `${column}: ${quote(text)} names no party`,
    })
    return undefined
  }
  if (spec.values && listed === undefined && as !== 'nation' && as !== 'party')
    throw new ImportError(
      'BAD_VALUE',
      `${column} is ${quote(text)}, not one of ${Object.keys(spec.values).join(', ')}`,
      column,
    )
  const value = transform(listed ?? text, as, column, row.style)
  if (keepsGiven(as) && value !== text) row.given(text)
  return value
}

/** What a text is translated to: as it stands, else letter case and runs of blanks aside. */
function lookUp(text: string, values: Readonly<Record<string, string>>): string | undefined {
  if (Object.hasOwn(values, text)) return values[text]
  const folded = fold(text)
  return Object.entries(values).find(([key]) => fold(key) === folded)?.[1]
}

const fold = (text: string): string => text.toLowerCase().replace(/\s+/g, ' ')

function placesOf(shift: NonNullable<ColumnSpec['shift']>, row: RowContext): number {
  if (typeof shift === 'number') return shift
  const unit = textIn(shift.column, row)
  const places = unit === undefined ? undefined : shift.values[unit]
  if (places === undefined || !Object.hasOwn(shift.values, unit ?? ''))
    throw new ImportError(
      'BAD_VALUE',
      `${shift.column} is ${quote(unit ?? '')}, not one of ${Object.keys(shift.values).join(', ')}`,
      shift.column,
    )
  return places
}

function firstOf(specs: readonly ValueSpec[], row: RowContext): Plain | undefined {
  for (const spec of specs) {
    const value = valueIn(spec, row)
    if (value !== undefined) return value
  }
  return undefined
}

function fill(template: string, row: RowContext): string | undefined {
  let whole = true
  const text = template.replace(hole, (_, column: string) => {
    const part = textIn(column, row)
    whole &&= part !== undefined
    return part ?? ''
  })
  return whole ? text : undefined
}

function split(
  spec: Extract<ValueSpec, { readonly split: string }>,
  row: RowContext,
): Plain | undefined {
  const cell = row.cells.get(spec.split)
  const separators = typeof spec.separator === 'string' ? [spec.separator] : spec.separator
  const parts = Array.isArray(cell)
    ? (cell as readonly string[])
    : separators.reduce(
        (list: readonly string[], separator) => list.flatMap((part) => part.split(separator)),
        [textIn(spec.split, row, spec.missing) ?? ''],
      )
  const values = parts
    .map((part) => clean(part, spec.split, row))
    .filter((part) => part !== '' && !spec.missing?.includes(part))
    .map((part) => readValue(part, spec.as ?? 'text', spec.split, spec, row))
    .filter((value) => value !== undefined)
  return values.length > 0 ? [...new Set(values)] : undefined
}
