import { fieldsOf, identityOf, type Kind } from '@entente/schema'
import type { Issue } from './check.ts'
import type { Bands, Transform } from './document.ts'
import { isName, isPlace } from './levels.ts'

type Unfit = Pick<Issue, 'code' | 'message'>

/** Why the transform of a row never fits a field that it names; null: it may. */
export function unfitOf(
  transform: Transform,
  kind: Kind,
  field: string,
  bands: Bands,
): Unfit | null {
  const name = `${kind}.${field}`
  switch (transform.kind) {
    case 'redact':
      return null
    case 'country':
      return isPlace(kind, field)
        ? null
        : {
            code: 'NO_PLACE',
            message: `${name} is no place, so it cannot go as its country: take it out of the row, or redact it`,
          }
    case 'pseudonym':
      return isName(kind, field)
        ? null
        : {
            code: 'NO_NAME',
            message: `${name} is no name that a ${kind} is recognised by (${identityOf(kind).join(', ')} is): take it out of the row, or redact it`,
          }
    case 'band': {
      const type = fieldsOf(kind)[field]?.bandType
      if (type !== undefined && bands[type] !== undefined) return null
      return {
        code: 'NO_BAND',
        message:
          type === undefined
            ? `${name} has no bands, it is no quantity: take it out of the row, or redact it`
            : `${name} has no bands in this policy: give bands.${type} a fine and a coarse level`,
      }
    }
  }
}

/** Why a row may not ask for a transform without naming its fields. */
export function unfitForAny({ kind }: Transform): Unfit | null {
  if (kind !== 'country' && kind !== 'pseudonym') return null
  const [code, sort] =
    kind === 'country' ? (['NO_PLACE', 'place'] as const) : (['NO_NAME', 'name'] as const)
  return {
    code,
    message: `a ${kind} row withholds every field that is no ${sort}: name under field in those that it is about`,
  }
}
