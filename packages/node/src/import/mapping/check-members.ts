import { jsonSchemaOf, type Kind } from '@entente/schema'
import type { ValueSpec } from './value-spec.ts'

/** A member that a field's value cannot have, so that no row could ever fill it. */
export interface StrangeMember {
  readonly path: readonly (string | number)[]
  readonly reason: string
}

/** The form of a value, as far as it tells members apart. */
interface Form {
  readonly properties?: Readonly<Record<string, Form>>
  readonly additionalProperties?: unknown
  readonly items?: Form
}

/** The first member in a spec that the field does not have. @returns null where all are known, or anything goes */
export const strangeMember = (kind: Kind, field: string, spec: ValueSpec): StrangeMember | null =>
  find(spec, (jsonSchemaOf(kind) as Form).properties?.[field] ?? {}, [])

function find(spec: ValueSpec, form: Form, path: StrangeMember['path']): StrangeMember | null {
  if ('object' in spec) return inObject(spec.object, form, [...path, 'object'])
  if ('list' in spec)
    return first(spec.list, (each, i) => find(each, form.items ?? {}, [...path, 'list', i]))
  if ('firstOf' in spec)
    return first(spec.firstOf, (each, i) => find(each, form, [...path, 'firstOf', i]))
  if ('when' in spec) return find(spec.value, form, [...path, 'value'])
  return null
}

function inObject(
  members: Readonly<Record<string, ValueSpec>>,
  { properties, additionalProperties }: Form,
  path: StrangeMember['path'],
): StrangeMember | null {
  return first(Object.entries(members), ([name, part]) => {
    const form =
      properties !== undefined && Object.hasOwn(properties, name) ? properties[name] : undefined
    if (form === undefined && properties !== undefined && additionalProperties === false)
      return {
        path: [...path, name],
        reason: `has no member ${name}, only ${Object.keys(properties).join(', ')}`,
      }
    return find(part, form ?? {}, [...path, name])
  })
}

function first<T>(
  items: readonly T[],
  look: (item: T, i: number) => StrangeMember | null,
): StrangeMember | null {
  for (const [i, item] of items.entries()) {
    const found = look(item, i)
    if (found !== null) return found
  }
  return null
}
