import { z } from 'zod'
import { chosen, firstKeyOf, refused } from './chosen.ts'
import { Match } from './match.ts'

/** How a cell's text becomes a value. Closed list: a mapping is data, never code. */
export const Transform = z.enum([
  'text',
  'lower',
  'party',
  'integer',
  'decimal',
  'percent',
  'degrees',
  'date',
  'boolean',
  'nation',
  'place',
  'nsn',
  'niin',
  'ncage',
  'uei',
  'lei',
  'eccn',
  'usml',
])
export type Transform = z.infer<typeof Transform>

/** How many places to move the decimal point to the right: a number, or by the text of another column. */
export const Shift = z.union([
  z.int().min(0).max(12),
  z.strictObject({
    column: z.string(),
    values: z.record(z.string(), z.int().min(0).max(12)),
  }),
])

/**
 * Where a value comes from: a cell (its name alone will do), a constant, text with `{column}` holes, an object or list of
 * further specs, the parts of a cell, the first of several that is not missing, or what holds only of some rows.
 */
export type ValueSpec =
  | {
      readonly column: string
      readonly as?: Transform | undefined
      /** Texts that mean "not given", beside those of the mapping. */
      readonly missing?: readonly string[] | undefined
      /** Translates the cell's text, letter case aside; a text that is not listed is refused, or read as `as` says where that is more than text. */
      readonly values?: Readonly<Record<string, string>> | undefined
      /** For `integer`, `decimal` and `degrees`. */
      readonly shift?: z.infer<typeof Shift> | undefined
      /** For `place`: nation whose file it is, by whose states and provinces a code behind a town is read. */
      readonly home?: string | undefined
    }
  | { readonly const: string | number | boolean }
  | { readonly template: string }
  /** Members that are missing are left out; without every member of `require`, or without any at all, the whole is missing. */
  | {
      readonly object: Readonly<Record<string, ValueSpec>>
      readonly require?: readonly string[] | undefined
    }
  | { readonly list: readonly ValueSpec[] }
  | {
      readonly split: string
      /** Text, or any of several, between the parts. */
      readonly separator: string | readonly string[]
      readonly as?: Transform | undefined
      readonly missing?: readonly string[] | undefined
      readonly values?: Readonly<Record<string, string>> | undefined
    }
  | { readonly firstOf: readonly ValueSpec[] }
  /** Missing in every other row. */
  | { readonly when: Match; readonly value: ValueSpec }

const texts = z.array(z.string())
const values = z.record(z.string(), z.string())
const nested = z.lazy((): z.ZodType<ValueSpec> => ValueSpec)

/** What has a point to move. */
const shiftable: readonly Transform[] = ['integer', 'decimal', 'degrees']

/** The forms of a value, each under the one word that only it has. */
const forms = {
  column: z
    .strictObject({
      column: z.string(),
      as: Transform.optional(),
      missing: texts.optional(),
      values: values.optional(),
      shift: Shift.optional(),
      home: z
        .string()
        .regex(/^[A-Z]{3}$/)
        .optional(),
    })
    .refine(({ as = 'text', shift }) => shift === undefined || shiftable.includes(as), {
      path: ['shift'],
      error: `moves the point of a number: read the column \`as\` ${shiftable.join(', ')}`,
    }),
  const: z.strictObject({ const: z.union([z.string(), z.int(), z.boolean()]) }),
  template: z.strictObject({ template: z.string() }),
  object: z.strictObject({ object: z.record(z.string(), nested), require: texts.optional() }),
  list: z.strictObject({ list: z.array(nested).min(1) }),
  split: z.strictObject({
    split: z.string(),
    separator: z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]),
    as: Transform.optional(),
    missing: texts.optional(),
    values: values.optional(),
  }),
  firstOf: z.strictObject({ firstOf: z.array(nested).min(2) }),
  when: z.strictObject({ when: Match, value: nested }),
} satisfies Record<string, z.ZodType<ValueSpec>>
const words = Object.keys(forms) as readonly (keyof typeof forms)[]

const named: z.ZodType<ValueSpec> = z
  .string()
  .min(1)
  .transform((column) => ({ column }))

/** @see ValueSpec, the type */
export const ValueSpec: z.ZodType<ValueSpec> = chosen((input): z.ZodType<ValueSpec> => {
  if (typeof input === 'string') return named
  const word = firstKeyOf(input, words)
  return word === undefined
    ? refused(`is no value: name a column, or use one of ${words.join(', ')}`)
    : forms[word]
})

/** Columns that a spec reads. */
export function columnsOf(spec: ValueSpec): readonly string[] {
  if ('const' in spec) return []
  if ('column' in spec)
    return typeof spec.shift === 'object' ? [spec.column, spec.shift.column] : [spec.column]
  if ('template' in spec) return [...spec.template.matchAll(hole)].map(([, name = '']) => name)
  if ('object' in spec) return Object.values(spec.object).flatMap(columnsOf)
  if ('list' in spec) return spec.list.flatMap(columnsOf)
  if ('split' in spec) return [spec.split]
  if ('when' in spec) return [...Object.keys(spec.when), ...columnsOf(spec.value)]
  return spec.firstOf.flatMap(columnsOf)
}

/** A hole of a template: `{column}`. */
export const hole = /\{([^}]+)\}/g
