import { fieldsOf, jsonSchemaOf, type Kind } from '@entente/schema'
import type { z } from 'zod'

/** What a value is made of, as its kind says. `number` is written as text in records; `open` may be anything. */
export type ValueShape =
  | { readonly is: 'text' | 'number' | 'integer' | 'boolean' | 'open' }
  | { readonly is: 'list'; readonly of: ValueShape }
  | { readonly is: 'object'; readonly members: Readonly<Record<string, ValueShape>> }

/** Shapes of the fields of a kind, in its order; `ext` last. */
export function shapesOf(kind: Kind): Readonly<Record<string, ValueShape>> {
  const known = shapes.get(kind)
  if (known !== undefined) return known
  const { properties = {} } = jsonSchemaOf(kind)
  const names = [...Object.keys(fieldsOf(kind)), 'ext']
  const made = Object.fromEntries(names.map((name) => [name, shapeOf(properties[name] ?? true)]))
  shapes.set(kind, made)
  return made
}

const shapes = new Map<Kind, Readonly<Record<string, ValueShape>>>()

function shapeOf(schema: z.core.JSONSchema._JSONSchema): ValueShape {
  if (typeof schema === 'boolean') return { is: 'open' }
  const { type, pattern, items, properties } = schema
  if (type === 'boolean' || type === 'integer') return { is: type }
  if (type === 'string') return { is: holdsNumbersOnly(pattern) ? 'number' : 'text' }
  if (type === 'array' && items !== undefined && !Array.isArray(items))
    return { is: 'list', of: shapeOf(items) }
  if (type === 'object' && properties !== undefined)
    return {
      is: 'object',
      members: Object.fromEntries(
        Object.entries(properties).map(([name, member]) => [name, shapeOf(member)]),
      ),
    }
  return { is: 'open' }
}

/** Kinds have no type for decimal text, only patterns: one that takes `12.5` and not `x` is a number. */
const holdsNumbersOnly = (pattern: string | undefined): boolean =>
  pattern !== undefined && new RegExp(pattern).test('12.5') && !new RegExp(pattern).test('x')
