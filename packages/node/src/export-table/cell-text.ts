import type { Json } from '@entente/schema'
import type { ValueShape } from '../select/value-shape.ts'
import { formulaStart } from './guard-text.ts'

/** A value, or why a text is none. */
export type Decoded = { readonly value: Json } | { readonly problem: string }

/**
 * The text of a value in a cell of its shape; null for what such a cell cannot say, which then stands elsewhere as JSON.
 * A list of texts is `a; b` where that reads back as it was, else JSON. A band, as policies make it, is `25..100`.
 */
export function encodeCell(value: Json, shape: ValueShape): string | null {
  const text = textOf(value, shape)
  return text !== null && lasts(text) ? text : null
}

/** The value of a text that `encodeCell` wrote, or that a person wrote like it. */
export function decodeCell(text: string, shape: ValueShape): Decoded {
  switch (shape.is) {
    case 'boolean':
      return text === 'true' || text === 'false'
        ? { value: text === 'true' }
        : { problem: 'must be true or false' }
    case 'integer':
      if (integer.test(text)) return { value: Number(text) }
      return bandOf(text) ?? { problem: 'must be a whole number' }
    case 'number':
      return bandOf(text) ?? { value: text }
    case 'list':
      return { value: listOf(text) }
    case 'open':
    case 'object':
      return jsonOf(text)
    default:
      return { value: text }
  }
}

/** JSON that needs no guard, in one line: nothing in it is lost on the way through a file or begins a formula. */
export function jsonText(value: Json): string {
  return JSON.stringify(value)
    .replace(/[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g, escaped)
    .replace(hiddenStart, escaped)
    .replace(quotedStart, (start) => start.slice(0, -1) + escaped(start.slice(-1)))
}

const hiddenStart = new RegExp(`;(?=${formulaStart})`, 'g')
const quotedStart = new RegExp(`^"${formulaStart}`)

const escaped = (char: string) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`

export const same = (a: Json | undefined, b: Json | undefined): boolean =>
  a === b || (a !== undefined && b !== undefined && canonical(a) === canonical(b))

/** Like canonical JSON, and total: a partner's value may be anything. */
function canonical(value: Json): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if (Array.isArray(value)) return `[${(value as readonly Json[]).map(canonical).join(',')}]`
  const members = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return `{${members.map(([name, each]) => `${JSON.stringify(name)}:${canonical(each)}`).join(',')}}`
}

function textOf(value: Json, shape: ValueShape): string | null {
  switch (shape.is) {
    case 'list':
      return Array.isArray(value) ? listText(value as readonly Json[]) : null
    case 'open':
    case 'object':
      return jsonText(value)
    case 'boolean':
      return typeof value === 'boolean' ? String(value) : null
    case 'integer':
      if (typeof value !== 'number') return bandText(value)
      return integer.test(String(value)) ? String(value) : null
    case 'number':
      if (typeof value !== 'string') return bandText(value)
      return band.test(value) ? null : value
    default:
      return typeof value === 'string' ? value : null
  }
}

/** Whether a text comes back from a file as it was: spreadsheet programs trim, unify line ends and drop what XML has not. */
const lasts = (text: string): boolean =>
  text !== '' &&
  text === text.trim() &&
  text.isWellFormed() &&
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for.
  !/[\0-\u0008\u000b-\u001f\u007f-\u009f\ufeff\ufffe\uffff]/.test(text)

function listText(value: readonly Json[]): string | null {
  if (!value.every((each) => typeof each === 'string')) return null
  const joined = value.join('; ')
  return lasts(joined) && same(listOf(joined), value) ? joined : jsonText(value)
}

function listOf(text: string): Json {
  if (text.startsWith('[')) {
    const list = jsonOf(text)
    if ('value' in list && Array.isArray(list.value)) return list.value
  }
  return partsOf(text)
}

const partsOf = (text: string): readonly string[] =>
  text
    .split(';')
    .map((part) => part.trim())
    .filter((part) => part !== '')

function jsonOf(text: string): Decoded {
  try {
    return { value: JSON.parse(text) as Json }
  } catch {
    return { problem: 'must be JSON' }
  }
}

const integer = /^(0|-?[1-9]\d{0,14})$/
const limit = '-?(?:0|[1-9]\\d*)(?:\\.\\d+)?'
const band = new RegExp(`^(${limit})\\.\\.(${limit})?$`)

function bandText(value: Json): string | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null
  const { from, to = '' } = value as { readonly [name: string]: Json }
  const text = `${String(from)}..${String(to)}`
  const back = bandOf(text)
  return back !== null && same(back.value, value) ? text : null
}

function bandOf(text: string): { readonly value: Json } | null {
  const [, from, to] = band.exec(text) ?? []
  if (from === undefined) return null
  return { value: to === undefined ? { from } : { from, to } }
}
