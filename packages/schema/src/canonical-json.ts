import { utf8 } from './bytes.ts'

/** A JSON value as Entente uses it: numbers are integers; other quantities are decimal strings. */
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json }

/** A value that has no canonical form here: a float, `undefined`, a lone surrogate. */
export class CanonicalJsonError extends Error {
  override readonly name = 'CanonicalJsonError'
  readonly code = 'NOT_CANONICAL'
}

/** How deep arrays and objects may stand in one another: far more than any form here needs, far less than a stack holds. */
export const MAX_JSON_DEPTH = 64

/**
 * Canonical JSON text. Keys are sorted by UTF-16 code units, no white space, integers only: two nodes that
 * hold the same value hash the same bytes, and no number can be read two ways.
 * @throws {CanonicalJsonError} `NOT_CANONICAL` for floats, unsafe integers, `undefined`, lone surrogates and what is
 * nested deeper than {@link MAX_JSON_DEPTH}
 * @see RFC 8785
 */
export function canonicalJson(value: unknown): string {
  return write(value, MAX_JSON_DEPTH)
}

function write(value: unknown, depthLeft: number): string {
  switch (typeof value) {
    case 'string':
      return quote(value)
    case 'number':
      if (!Number.isSafeInteger(value))
        throw new CanonicalJsonError(`${value} is not a safe integer: write it as a decimal string`)
      return String(value === 0 ? 0 : value)
    case 'boolean':
      return value ? 'true' : 'false'
    case 'object':
      break
    default:
      throw new CanonicalJsonError(`a ${typeof value} has no JSON form`)
  }
  if (value === null) return 'null'
  if (depthLeft === 0)
    throw new CanonicalJsonError(`the value is nested more than ${MAX_JSON_DEPTH} deep`)
  if (Array.isArray(value)) return `[${value.map((item) => write(item, depthLeft - 1)).join(',')}]`
  const object = value as Record<string, unknown>
  let out = ''
  for (const key of sortedKeys(object)) {
    if (object[key] === undefined) continue
    out += `${out === '' ? '' : ','}${quote(key)}:${write(object[key], depthLeft - 1)}`
  }
  return `{${out}}`
}

// Every record is written this way whenever it changes: the shortcuts below halve the time.

/** A short text of printable ASCII is its own quotation. */
const plain = /^[\x20\x21\x23-\x5b\x5d-\x7e]{0,64}$/

function quote(text: string): string {
  if (plain.test(text)) return `"${text}"`
  if (!text.isWellFormed()) throw new CanonicalJsonError('a string holds a lone surrogate')
  return JSON.stringify(text)
}

function sortedKeys(object: Readonly<Record<string, unknown>>): string[] {
  const keys = Object.keys(object)
  const inOrder = keys.every((key, i) => i === 0 || (keys[i - 1] as string) < key)
  return inOrder ? keys : keys.sort()
}

/** UTF-8 bytes of the canonical form: what is hashed and signed. */
export const canonicalBytes = (value: unknown): Uint8Array => utf8(canonicalJson(value))

/**
 * Parses text that must already be canonical. Refuses duplicate keys, white space and any other spelling,
 * because their canonical form differs from the text.
 * @throws {CanonicalJsonError} `NOT_CANONICAL`
 */
export function parseCanonical(text: string): Json {
  let value: Json
  try {
    value = JSON.parse(text) as Json
  } catch {
    throw new CanonicalJsonError('the text is not JSON')
  }
  if (canonicalJson(value) !== text)
    throw new CanonicalJsonError('the text is not in canonical form')
  return value
}
