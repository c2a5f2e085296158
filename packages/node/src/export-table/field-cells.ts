import type { Json, Kind } from '@entente/schema'
import { decodeCell, encodeCell, jsonText } from './cell-text.ts'
import { columnsFor, type FieldColumn, type FieldColumns } from './columns.ts'
import { guardText, readGuarded, removeMark } from './guard-text.ts'

/** A value taken from cells; null where they take it out. */
export type FieldRead =
  | { readonly value: Json | null }
  | { readonly column: string; readonly problem: string }

/**
 * The cells of a field: its columns where they can say all of the value, else one of JSON. Read back over nothing, they are
 * the value again.
 */
export function encodeField(kind: Kind, field: string, value: Json): ReadonlyMap<string, string> {
  const columns = columnsFor(kind, field)
  const texts = plainTexts(columns, value)
  if (texts === null) return new Map([[columns.json.name, jsonText(value)]])
  return new Map(texts.map(([name, text]) => [name, guardText(text)]))
}

/** The texts of a value by column; null where these columns cannot say all of it, and nothing else. */
function plainTexts(
  { plain, fixed }: FieldColumns,
  value: Json,
): (readonly [column: string, text: string])[] | null {
  const [only] = plain
  if (only?.member === null) {
    const text = encodeCell(value, only.shape)
    return text === null ? null : [[only.name, text]]
  }
  if (!isObject(value)) return null
  const texts: [string, string][] = []
  for (const { name, member, shape } of plain) {
    const part = memberOf(value, member ?? '')
    const text = part === undefined ? null : encodeCell(part, shape)
    if (text !== null) texts.push([name, text])
  }
  const all = texts.length > 0 && texts.length === Object.keys(value).length
  return all && [...fixed.keys()].every((name) => Object.hasOwn(value, name)) ? texts : null
}

/**
 * The value that cells give a field. What an empty cell stands for stays as it was in `base`; `(remove)` takes it out.
 * @param cells by column, as they stand in the file, with or without apostrophes
 */
export function decodeField(
  kind: Kind,
  field: string,
  cells: ReadonlyMap<string, string>,
  base: Json | undefined,
): FieldRead {
  const { plain, json, fixed } = columnsFor(kind, field)
  const whole = cells.get(json.name) ?? ''
  const given = plain.filter(({ name }) => (cells.get(name) ?? '') !== '')
  if (whole !== '' && whole !== removeMark) {
    if (given.length > 0)
      return {
        column: json.name,
        problem: `also stands in ${given.map(({ name }) => name).join(', ')}; take one of them out with ${removeMark}`,
      }
    return valueIn(json, whole)
  }
  const from = whole === removeMark ? undefined : base
  const [only] = plain
  if (only?.member === null) {
    const cell = cells.get(only.name) ?? ''
    if (cell === '') return { value: from ?? null }
    return cell === removeMark ? { value: null } : valueIn(only, cell)
  }
  return fromMembers(given, cells, fixed, from)
}

/** Lays what the cells say over the members of `base`. */
function fromMembers(
  given: readonly FieldColumn[],
  cells: ReadonlyMap<string, string>,
  fixed: FieldColumns['fixed'],
  base: Json | undefined,
): FieldRead {
  if (given.length === 0) return { value: base ?? null }
  const members = new Map(Object.entries(isObject(base) ? base : {}))
  let taken = false
  for (const column of given) {
    const cell = cells.get(column.name) ?? ''
    const member = column.member ?? ''
    if (cell === removeMark) {
      members.delete(member)
      taken = true
      continue
    }
    const read = valueIn(column, cell)
    if (!('value' in read)) return read
    members.set(member, read.value)
  }
  if (taken && [...members.keys()].every((member) => fixed.has(member))) return { value: null }
  return { value: { ...Object.fromEntries(fixed), ...Object.fromEntries(members) } }
}

function valueIn(
  { name, shape }: FieldColumn,
  cell: string,
): { readonly value: Json } | { readonly column: string; readonly problem: string } {
  const read = decodeCell(readGuarded(cell), shape)
  return 'value' in read ? read : { column: name, ...read }
}

function memberOf(value: Json, name: string): Json | undefined {
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined
}

const isObject = (value: Json | undefined): value is { readonly [name: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
