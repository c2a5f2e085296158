import { fieldsOf, jsonSchemaOf, type Kind } from '@entente/schema'
import type { z } from 'zod'

/**
 * What a value is made of, as its kind says. Numbers and dates are texts of their form; `open` may be anything. `only`: the
 * one text that can stand there.
 */
export type ValueShape =
  | { readonly is: 'text'; readonly only?: string }
  | { readonly is: 'number' | 'date' | 'integer' | 'boolean' | 'open' }
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
  const { type, pattern, items, properties, const: only } = schema
  if (type === 'boolean' || type === 'integer') return { is: type }
  if (type === 'string') {
    if (typeof only === 'string') return { is: 'text', only }
    return { is: takesOnly(pattern, '12.5') ? 'number' : takesOnly(pattern, day) ? 'date' : 'text' }
  }
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

const day = '2017-03-31'

/** Kinds have no type for decimals and dates, only patterns: one that takes the sample and not any text. */
const takesOnly = (pattern: string | undefined, sample: string): boolean =>
  pattern !== undefined && new RegExp(pattern).test(sample) && !new RegExp(pattern).test('x')
