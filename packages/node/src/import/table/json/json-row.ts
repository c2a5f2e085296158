import { ImportError } from '../../import-error.ts'
import { maxColumns } from '../limits.ts'
import type { Cell, Cells, RawRow } from '../table.ts'

/** Names in a column such as `owner.address.city`; what is nested deeper is not read. */
const maxNames = 8

/** Levels of lists and objects in a row. */
const maxDepth = 500

/**
 * Reads one object of JSON as a row. The members of nested objects become columns `a.b`, the same column as that of a
 * member whose name is `a.b` itself. A number keeps the text it has in the file; null is the empty text; a list of
 * scalars is a list of texts; a list of anything else is a cell that cannot be read (`CELL_NESTED`).
 * @param where file, and line or place of the row
 * @returns a row with the error `NOT_A_TABLE` for what is no object, `DUPLICATE_COLUMN` for a member given twice
 * @throws {ImportError} `TOO_MANY_COLUMNS`; `NOT_JSON` for what is not JSON
 */
export function jsonRow(row: number, text: string, where: string): RawRow {
  const value = parseExactly(text, where)
  if ('error' in value) return { row, error: value.error }
  if (!isObject(value.value))
    return { row, error: new ImportError('NOT_A_TABLE', `${where}: the row is not an object`) }
  const cells = new JsonCells()
  const twice = flatten(value.value, [], cells, where)
  if (twice !== undefined) return { row, error: duplicate(where, twice) }
  if (cells.size > maxColumns)
    throw new ImportError(
      'TOO_MANY_COLUMNS',
      `${where}: ${cells.size} columns are more than ${maxColumns}; split the table`,
    )
  return { row, cells }
}

/** Scalars become text: a number the digits of the file, null nothing. */
function parseExactly(
  text: string,
  where: string,
): { readonly value: unknown } | { readonly error: ImportError } {
  const written = shapeOf(text)
  if (written.depth > maxDepth)
    throw new ImportError(
      'NOT_JSON',
      `${where}: lists and objects are nested deeper than ${maxDepth}`,
    )
  let members = 0
  const revive = function (
    this: unknown,
    _: string,
    value: unknown,
    context?: { readonly source?: string },
  ): unknown {
    if (!Array.isArray(this)) members += 1
    if (typeof value === 'number') return new WrittenNumber(context?.source ?? String(value))
    if (typeof value === 'boolean') return String(value)
    return value === null ? '' : value
  }
  try {
    const value: unknown = JSON.parse(text, revive)
    // The value itself counts as a member.
    return members - 1 === written.members ? { value } : { error: duplicate(where, undefined) }
  } catch (error) {
    throw new ImportError(
      'NOT_JSON',
      `${where}: ${error instanceof Error ? error.message : String(error)}`,
    )
  }
}

/** Members that are written, though `JSON.parse` keeps only the last of a name, and levels of nesting. */
function shapeOf(text: string): { readonly members: number; readonly depth: number } {
  let [members, depth, level] = [0, 0, 0]
  let inString = false
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at]
    if (character === '"') inString = !inString
    else if (inString) at += character === '\\' ? 1 : 0
    else if (character === ':') members += 1
    else if (character === '{' || character === '[') depth = Math.max(depth, ++level)
    else if (character === '}' || character === ']') level -= 1
  }
  return { members, depth }
}

/** Fills the cells; returns the name of a column that is there twice. */
function flatten(
  object: object,
  above: readonly string[],
  cells: JsonCells,
  where: string,
): string | undefined {
  for (const [name, value] of Object.entries(object)) {
    const names = [...above, name]
    const column = names.join('.').normalize('NFC')
    if (isObject(value) && Object.keys(value).length > 0 && names.length < maxNames) {
      const twice = flatten(value, names, cells, where)
      if (twice !== undefined) return twice
    } else {
      if (cells.has(column)) return column
      cells.set(column, cellOf(value, `${where}: ${column}`))
      const numbers = [value].flat().map(isNumber)
      if (numbers.includes(true)) cells.numbers.set(column, numbers)
    }
  }
  return undefined
}

function cellOf(value: unknown, where: string): Cell {
  if (isScalar(value)) return String(value)
  if (Array.isArray(value) && value.every(isScalar)) return value.map(String)
  if (isObject(value) && Object.keys(value).length === 0) return ''
  return {
    code: 'CELL_NESTED',
    message: `${where} holds ${Array.isArray(value) ? 'a list of more than texts and numbers' : `objects nested deeper than ${maxNames}`}; flatten it before import`,
  }
}

/** A number, as its text in the file. */
class WrittenNumber {
  readonly #text: string
  constructor(text: string) {
    this.#text = text
  }
  toString(): string {
    return this.#text
  }
}

const isNumber = (value: unknown): boolean => value instanceof WrittenNumber

const isScalar = (value: unknown): boolean => typeof value === 'string' || isNumber(value)

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !isNumber(value)

/** Cells of a row. */
class JsonCells extends Map<string, Cell> implements Cells {
  /** Whether a cell, or each member of its list, is a number; of cells that have any. */
  readonly numbers = new Map<string, readonly boolean[]>()

  isNumber = (column: string, member: number): boolean =>
    this.numbers.get(column)?.[member] === true
}

const duplicate = (where: string, column: string | undefined): ImportError =>
  new ImportError(
    'DUPLICATE_COLUMN',
    column === undefined
      ? `${where}: an object has two members of one name; give each its own`
      : `${where}: the column ${JSON.stringify(column)} is given twice; rename one`,
    column,
  )
