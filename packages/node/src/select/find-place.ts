import { Kind } from '@entente/schema'
import { closeNames } from './close-names.ts'
import { type Place, type RecordFact, recordFacts } from './selection.ts'
import { SelectionError } from './selection-error.ts'
import { shapesOf, type ValueShape } from './value-shape.ts'

/** Among which records a selection looks. */
export interface SelectionScope {
  /** Fields of this kind alone; else of any. */
  readonly kind?: Kind | undefined
  /** Whether some record has a field of this name that no kind knows: one of a newer version. */
  readonly newer?: (field: string) => boolean
}

/** A place, and what stands there: one value, several under names of their own, or anything. */
export interface Found {
  readonly place: Place
  readonly holds: 'one' | 'several' | 'anything'
  /** Whether numbers or dates can stand there, so that one can be more than another. */
  readonly ordered: boolean
  /** What to name instead of a place that holds several values. */
  readonly within: readonly string[]
}

/**
 * The place that a name such as `lead_time.total` means.
 * @param path as written, without `field:`
 * @param asField `field:` stood before it
 * @throws {SelectionError} `SELECTION_FIELD`
 */
export function findPlace(path: string, asField: boolean, scope: SelectionScope): Found {
  if (!asField && isFact(path))
    return {
      ...{ place: { fact: path }, holds: 'one', within: [] },
      ordered: path === 'asOf' || path === 'reviewBy',
    }
  const kinds = scope.kind === undefined ? Kind.options : [scope.kind]
  const { field, members } = partsOf(path)
  const place = { field, members }
  const shapes = kinds.flatMap((kind) => {
    const of = shapesOf(kind)
    return Object.hasOwn(of, field) ? [of[field]] : []
  })
  if (shapes.length === 0 && scope.newer?.(field))
    return { place, holds: 'anything', ordered: true, within: [] }
  const found = shapes.flatMap((shape) => shapeAt(shape, members) ?? [])
  const [first] = found
  if (first === undefined) throw unknown(path, asField, kinds)
  const within = found.flatMap((shape) => (shape.is === 'object' ? Object.keys(shape.members) : []))
  const holds = found.some(({ is }) => is === 'open')
    ? 'anything'
    : found.some(({ is }) => is !== 'object')
      ? 'one'
      : 'several'
  const ordered = found.some(({ is }) => is !== 'text' && is !== 'boolean')
  return { place, holds, ordered, within: [...new Set(within)].map((name) => `${path}.${name}`) }
}

const isFact = (name: string): name is RecordFact =>
  (recordFacts as readonly string[]).includes(name)

/** A national extension has a point in its name: `ext.nor.depot-code`. */
function partsOf(path: string): { readonly field: string; readonly members: readonly string[] } {
  const [field = '', ...members] = path.split('.')
  if (field !== 'ext' || members.length < 2) return { field, members }
  return { field, members: [members.slice(0, 2).join('.'), ...members.slice(2)] }
}

function shapeAt(shape: ValueShape | undefined, members: readonly string[]): ValueShape | null {
  if (shape === undefined) return null
  if (shape.is === 'list') return shapeAt(shape.of, members)
  const [name, ...rest] = members
  if (name === undefined || shape.is === 'open') return shape
  if (shape.is !== 'object' || !Object.hasOwn(shape.members, name)) return null
  return shapeAt(shape.members[name], rest)
}

function unknown(path: string, asField: boolean, kinds: readonly Kind[]): SelectionError {
  const names = kinds.flatMap((kind) => Object.entries(shapesOf(kind)).flatMap(pathsIn))
  const close = closeNames(path, asField ? names : [...names, ...recordFacts])
  const [kind] = kinds
  const whose = kinds.length === 1 ? `a ${kind} has` : 'no kind of record has'
  const said = kinds.length === 1 ? `${whose} no field ${path}` : `${whose} a field ${path}`
  return new SelectionError(
    'SELECTION_FIELD',
    close.length > 0
      ? `${said}; did you mean ${close.join(', ')}?`
      : `${said}; ${
          kinds.length === 1
            ? `its fields are ${Object.keys(shapesOf(kind ?? 'gap')).join(', ')}`
            : 'entente schema KIND shows the fields of a kind'
        }`,
  )
}

/** A field and the places within it. */
function pathsIn([name, shape]: readonly [string, ValueShape]): readonly string[] {
  if (shape.is === 'list') return pathsIn([name, shape.of])
  if (shape.is !== 'object') return [name]
  return [
    name,
    ...Object.entries(shape.members).flatMap(([part, of]) => pathsIn([`${name}.${part}`, of])),
  ]
}
