import { FieldName, type Kind } from '@entente/schema'
import { shapesOf, type ValueShape } from '../select/value-shape.ts'

/** Columns that stand before the fields: which record a row is, and what it is under. `marking` is not read back. */
export const recordColumns = [
  'entente.id',
  'entente.version',
  'entente.kind',
  'entente.dataset',
  'entente.originator',
  'entente.status',
  'entente.as_of',
  'entente.marking',
] as const
export type RecordColumn = (typeof recordColumns)[number]

/** A column of a field: all of its value, or one member of it. */
export interface FieldColumn {
  readonly name: string
  readonly field: string
  readonly member: string | null
  readonly shape: ValueShape
}

/** Every column that a field can have. `plain`: those that a planner reads; `json`: for a value that these cannot say. */
export interface FieldColumns {
  readonly field: string
  readonly plain: readonly FieldColumn[]
  readonly json: FieldColumn
  /** Members that can say one thing only, and what: nobody needs to type it. */
  readonly fixed: ReadonlyMap<string, string>
}

/** The columns of all fields of a kind, in its order. */
export function columnsOf(kind: Kind): ReadonlyMap<string, FieldColumns> {
  const known = made.get(kind)
  if (known !== undefined) return known
  const columns = new Map(
    Object.entries(shapesOf(kind)).map(([field, shape]) => [field, columnsOfField(field, shape)]),
  )
  made.set(kind, columns)
  return columns
}

const made = new Map<Kind, ReadonlyMap<string, FieldColumns>>()

/** The columns of one field; one that the kind does not know (yet) has JSON alone. */
export const columnsFor = (kind: Kind, field: string): FieldColumns =>
  columnsOf(kind).get(field) ?? columnsOfField(field, { is: 'open' })

/** Which field a column holds; undefined for a column of no field. */
export function columnNamed(kind: Kind, name: string): FieldColumn | undefined {
  const [, field, rest] = /^([^.:]*)(.*)$/.exec(name) ?? []
  if (field === undefined || !FieldName.safeParse(field).success) return undefined
  const { plain, json } = columnsFor(kind, field)
  if (rest === ':json') return json
  return plain.find((column) => column.name === name)
}

function columnsOfField(field: string, shape: ValueShape): FieldColumns {
  const json = { name: `${field}:json`, field, member: null, shape: { is: 'open' } } as const
  const bare = { field, plain: [], json, fixed: new Map<string, string>() }
  if (fitsCell(shape)) return { ...bare, plain: [{ name: field, field, member: null, shape }] }
  if (shape.is !== 'object' || !Object.values(shape.members).every(fitsCell)) return bare
  const plain = Object.entries(shape.members).map(([member, of]) => ({
    name: `${field}.${member}`,
    field,
    member,
    shape: of,
  }))
  const fixed = new Map(
    Object.entries(shape.members).flatMap(([member, of]) =>
      of.is === 'text' && of.only !== undefined ? [[member, of.only] as const] : [],
    ),
  )
  return { field, plain, json, fixed }
}

const fitsCell = (shape: ValueShape): boolean =>
  shape.is === 'list' ? shape.of.is === 'text' : shape.is !== 'object' && shape.is !== 'open'
