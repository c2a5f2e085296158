import type { Plain } from '@entente/schema'
import { ImportError } from './import-error.ts'
import type { ValueSpec } from './mapping.ts'
import type { Cell } from './read-rows.ts'
import { placeOf, quote, shiftPoint, transform } from './transform.ts'

/** A row, and the texts that mean "not given" in it. */
export interface RowContext {
  readonly cells: ReadonlyMap<string, Cell>
  readonly missing: readonly string[]
}

/**
 * The value that a spec takes from a row, or undefined when the row does not give it.
 * @throws {ImportError} `MISSING_COLUMN`, `BAD_VALUE`, naming the column
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
  return spec.require.every((name) => Object.hasOwn(present, name)) ? present : undefined
}

/**
 * Trimmed text of a cell, or undefined when it says "not given".
 * @throws {ImportError} `MISSING_COLUMN`, `BAD_VALUE` for a list
 */
export function textIn(
  column: string,
  { cells, missing }: RowContext,
  alsoMissing: readonly string[] = [],
): string | undefined {
  const cell = cells.get(column)
  if (cell === undefined)
    throw new ImportError('MISSING_COLUMN', `there is no column ${column}`, column)
  if (typeof cell !== 'string') throw new ImportError('BAD_VALUE', `${column} holds a list`, column)
  const text = cell.trim().normalize('NFC')
  return text === '' || missing.includes(text) || alsoMissing.includes(text) ? undefined : text
}

type ColumnSpec = Extract<ValueSpec, { readonly column: string }>

function fromColumn(spec: ColumnSpec, row: RowContext): Plain | undefined {
  const text = textIn(spec.column, row, spec.missing)
  if (text === undefined) return undefined
  const listed = spec.values && Object.hasOwn(spec.values, text) ? spec.values[text] : undefined
  if (spec.as === 'place') return placeOf(text, listed)
  if (spec.values && listed === undefined)
    throw new ImportError(
      'BAD_VALUE',
      `${spec.column} is ${quote(text)}, not one of ${Object.keys(spec.values).join(', ')}`,
      spec.column,
    )
  const value = transform(listed ?? text, spec.as ?? 'text', spec.column)
  return spec.shift === undefined
    ? value
    : shiftPoint(String(value), placesOf(spec.shift, row), spec.column)
}

function placesOf(shift: NonNullable<ColumnSpec['shift']>, row: RowContext): number {
  if (typeof shift === 'number') return shift
  const unit = textIn(shift.column, row)
  const places =
    unit !== undefined && Object.hasOwn(shift.values, unit) ? shift.values[unit] : undefined
  if (places === undefined)
    throw new ImportError(
      'BAD_VALUE',
      `${shift.column} is ${quote(unit ?? '')}, an unknown unit`,
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
  const text = template.replace(/\{([^}]+)\}/g, (_, column: string) => {
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
  const parts =
    typeof cell === 'object' ? cell : (textIn(spec.split, row)?.split(spec.separator) ?? [])
  const values = parts
    .map((part) => part.trim().normalize('NFC'))
    .filter((part) => part !== '')
    .map((part) => transform(part, spec.as ?? 'text', spec.split))
  return values.length > 0 ? [...new Set(values)] : undefined
}
