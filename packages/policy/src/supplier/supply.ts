import { type Json, type Kind, RecordId, supplierFieldsOf } from '@entente/schema'

/** Whose confidence a record's COMMERCIAL fields are in, as the record states it. */
export interface Supply {
  /** Id of the record. */
  readonly record: string
  /**
   * Every supplier that the record names, as `namingOf` writes it, sorted. Null: nobody can tell who that is, because a field that should
   * say so is in conflict or says something else.
   */
  readonly named: readonly string[] | null
}

/** One way in which a record names a supplier: `ncage:1AA22`, `name:Acme Ltd`. */
export const namingOf = (as: 'name' | 'ncage' | 'uei' | 'lei' | 'record', text: string): string =>
  `${as}:${text}`

/** What of a record says who its supplier is. */
export interface Supplied {
  readonly id: string
  readonly kind: Kind
  readonly fields: Readonly<
    Record<string, { readonly value: Json; readonly conflict?: true | undefined }>
  >
}

/** Reads it from the fields that the kind says name a supplier. */
export function supplyOf({ id, kind, fields }: Supplied): Supply {
  const named = new Set<string>()
  for (const [name, as] of Object.entries(supplierFieldsOf(kind))) {
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined
    if (field === undefined || field.value === null) continue
    if (field.conflict === true) return { record: id, named: null }
    for (const each of Array.isArray(field.value) ? field.value : [field.value]) {
      const text = textOf(each)
      if (text === null) return { record: id, named: null }
      const isId = as === 'ref' && RecordId.safeParse(text).success
      named.add(namingOf(isId ? 'record' : as === 'ref' ? 'name' : as, text))
    }
  }
  return { record: id, named: [...named].sort() }
}

function textOf(value: unknown): string | null {
  const text = typeof value === 'object' && value !== null && 'ref' in value ? value.ref : value
  return typeof text === 'string' && text !== '' ? text : null
}
