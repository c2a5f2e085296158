import type { Plain } from '@entente/schema'
import { ImportError } from '../import-error.ts'
import { hole, type Transform, type ValueSpec } from '../mapping/value-spec.ts'
import { shiftPoint } from './number.ts'
import { isPlaceholder } from './party.ts'
import { nationOfPlace } from './place.ts'
import { cleanCell, fold, isGiven, matches, numbersOf, type RowContext, textIn } from './text-in.ts'
import { checkLength, keepsGiven, placeOf, quote, transform } from './transform.ts'

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
  if ('when' in spec) return matches(spec.when, row) ? valueIn(spec.value, row) : undefined
  if ('list' in spec) {
    const values = spec.list
      .map((each) => valueIn(each, row))
      .filter((value) => value !== undefined)
    return distinct(values)
  }
  const members = Object.entries(spec.object)
    .map(([name, each]) => [name, valueIn(each, row)] as const)
    .filter(([, value]) => value !== undefined)
  const present = Object.fromEntries(members) as Record<string, Plain>
  const whole = (spec.require ?? []).every((name) => Object.hasOwn(present, name))
  return whole && members.length > 0 ? present : undefined
}

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
  member?: number,
): Plain | undefined {
  const listed = spec.values && lookUp(text, spec.values)
  checkLength(text, as, column)
  const names = as === 'party' ? (listed ?? text) : as === 'place' && !listed ? text : undefined
  if (names !== undefined && isPlaceholder(names)) {
    row.flag({ code: 'PLACEHOLDER', column, message: `${column}: ${quote(text)} names no ${as}` })
    return undefined
  }
  if (as === 'place') return placeOf(text, listed ?? nationOfPlace(text, spec.home))
  if (spec.values && listed === undefined && (as === 'text' || as === 'lower'))
    throw new ImportError(
      'BAD_VALUE',
      `${column} is ${quote(text)}, not one of ${Object.keys(spec.values).join(', ')}`,
      column,
    )
  const { dates, numbers } = row.style
  const style = { dates, numbers: listed === undefined ? numbersOf(column, row, member) : numbers }
  const value = transform(listed ?? text, as, column, style)
  if (keepsGiven(as) && value !== text) row.given(text)
  return value
}

/** What a text is translated to: as it stands, else letter case and runs of blanks aside. */
function lookUp(text: string, values: Readonly<Record<string, string>>): string | undefined {
  if (Object.hasOwn(values, text)) return values[text]
  const folded = fold(text)
  return Object.entries(values).find(([key]) => fold(key) === folded)?.[1]
}

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
  const isList = Array.isArray(cell)
  const parts = isList
    ? (cell as readonly string[])
    : separators.reduce(
        (list: readonly string[], separator) => list.flatMap((part) => part.split(separator)),
        [textIn(spec.split, row, spec.missing, spec.values) ?? ''],
      )
  const values = parts
    .map((part, i) => ({ text: cleanCell(part, spec.split, row), member: isList ? i : 0 }))
    .filter(({ text }) => isGiven(text, row, spec.missing, spec.values))
    .map(({ text, member }) => readValue(text, spec.as ?? 'text', spec.split, spec, row, member))
    .filter((value) => value !== undefined)
  return distinct(values)
}

/** A list is a set in the order of its source: each value once. Undefined where there is none. */
function distinct(values: readonly Plain[]): Plain | undefined {
  const each = new Map(values.map((value) => [JSON.stringify(value), value]))
  return each.size > 0 ? [...each.values()] : undefined
}
