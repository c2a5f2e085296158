import { z } from 'zod'
import type { Json } from '../canonical-json.ts'
import { Place, Plain } from './value.ts'

/**
 * Default sensitivity of a field. P public; G all treaty partners on the node; R named coalition; B bilateral under a
 * named agreement; N national only; C commercial in confidence, supplier consent required as well.
 */
export const Sensitivity = z.enum(['P', 'G', 'R', 'B', 'N', 'C'])
export type Sensitivity = z.infer<typeof Sensitivity>

/** What sort of quantity a field is, if a policy may coarsen it into bands. */
export type BandType = 'rate' | 'months' | 'percent' | 'count' | 'money'

/** One field of a kind: its value, default class, meaning and unit. */
export interface FieldDefinition {
  readonly schema: z.ZodType
  readonly sensitivity: Sensitivity
  readonly description: string
  readonly bandType?: BandType
  /** It is a place, which a policy may generalise to its nation. */
  readonly isPlace?: true
}

/**
 * One change of a kind's form. `rename`: the field goes on under another name; the old name never comes back for something
 * else. `change`: what a value becomes; `by` is total, and gives back what is not of the old form as it is, so that it may
 * meet a value twice.
 */
export type FormChange =
  | { readonly rename: string; readonly to: string }
  | { readonly change: string; readonly by: (value: Json) => Json }

/** From one version of a kind to the next. */
export type FormStep = readonly FormChange[]

/**
 * How a field names a supplier: `name` as the source spells it, `ncage`, `uei`, `lei`, or `ref`: the id of its record, else its name. A
 * field of the kind may hold one, a list of them, or a list of `{ref}`.
 */
export type SupplierNaming = 'name' | 'ncage' | 'uei' | 'lei' | 'ref'

/** One kind of record. `identity` names the fields without which a record cannot be recognised, so it does not go at all. */
export interface KindDefinition<K extends string = string> {
  readonly kind: K
  /** Counts the forms that the kind has had; the first is 1. */
  readonly version: number
  /** How records of older versions come to this one, oldest first. A step never changes once released. */
  readonly steps: readonly FormStep[]
  readonly identity: readonly string[]
  /** Fields that say whose confidence its COMMERCIAL fields are in; a kind without any has no supplier to ask. */
  readonly suppliers?: Readonly<Record<string, SupplierNaming>>
  readonly fields: Readonly<Record<string, FieldDefinition>>
  /** All fields as one object: identity fields required, the others optional, unknown ones refused. */
  readonly schema: z.ZodObject<Readonly<Record<string, z.ZodType>>, z.core.$strict>
}

/** National extensions, each under its nation's namespace: `{"nor.depot-code": "K7"}`. */
const Ext = z
  .record(
    z.string().regex(/^[a-z]{3}\.[a-z0-9-]+$/, 'must be nation.name, such as nor.depot-code'),
    Plain,
  )
  .describe('National extensions, each under its nation’s namespace')

/** Names a field. `bandType` says that it is a quantity and which bands fit it; of the schema `Place` it is a place. */
export function field(
  schema: z.ZodType,
  sensitivity: Sensitivity,
  description: string,
  bandType?: BandType,
): FieldDefinition {
  const described = schema.describe(description)
  return {
    schema: described,
    sensitivity,
    description,
    ...(bandType && { bandType }),
    ...(schema === Place && { isPlace: true as const }),
  }
}

/** Names a kind; every field but those of `identity` is optional. */
export function defineKind<
  const K extends string,
  F extends Readonly<Record<string, FieldDefinition>>,
>(definition: {
  readonly kind: K
  readonly steps?: readonly FormStep[]
  readonly identity: readonly (keyof F & string)[]
  readonly suppliers?: Readonly<Partial<Record<keyof F & string, SupplierNaming>>>
  readonly fields: F
}): KindDefinition<K> {
  const { steps = [], suppliers = {} } = definition
  const identity: readonly string[] = definition.identity
  const entries = Object.entries(definition.fields).map(
    ([name, { schema }]) => [name, identity.includes(name) ? schema : schema.optional()] as const,
  )
  return {
    ...definition,
    suppliers: suppliers as Readonly<Record<string, SupplierNaming>>,
    steps,
    version: steps.length + 1,
    schema: z.strictObject({ ...Object.fromEntries(entries), ext: Ext.optional() }),
  }
}
