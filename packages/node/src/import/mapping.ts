import { DatasetName, Envelope, fieldsOf, Kind, Label, Nation, Sensitivity } from '@entente/schema'
import { z } from 'zod'
import { ImportError } from './import-error.ts'

/** How a cell's text becomes a value. Closed list: a mapping is data, never code. */
export const Transform = z.enum([
  'text',
  'lower',
  'integer',
  'decimal',
  'date',
  'boolean',
  'place',
  'nsn',
])
export type Transform = z.infer<typeof Transform>

/**
 * Where a value comes from: a cell, a constant, text with `{column}` holes, an object or list of further specs, or the
 * first of several that is not missing.
 */
export type ValueSpec =
  | {
      readonly column: string
      readonly as?: Transform | undefined
      /** Texts that mean "not given", beside those of the mapping. */
      readonly missing?: readonly string[] | undefined
      /** Translates the cell's text; a text that is not listed is refused, or for `place` read by the rules. */
      readonly values?: Readonly<Record<string, string>> | undefined
      /** Decimal places to move the point to the right: a number, or by the text of another column. */
      readonly shift?:
        | number
        | { readonly column: string; readonly values: Readonly<Record<string, number>> }
        | undefined
    }
  | { readonly const: string | number | boolean }
  | { readonly template: string }
  /** Members that are missing are left out; without any member of `require` the whole is missing. */
  | { readonly object: Readonly<Record<string, ValueSpec>>; readonly require: readonly string[] }
  | { readonly list: readonly ValueSpec[] }
  | { readonly split: string; readonly separator: string; readonly as?: Transform | undefined }
  | { readonly firstOf: readonly ValueSpec[] }

const ColumnSpec = z.strictObject({
  column: z.string(),
  as: Transform.optional(),
  missing: z.array(z.string()).optional(),
  values: z.record(z.string(), z.string()).optional(),
  shift: z
    .union([z.int(), z.strictObject({ column: z.string(), values: z.record(z.string(), z.int()) })])
    .optional(),
})

const ValueSpec: z.ZodType<ValueSpec> = z.lazy(() =>
  z.union([
    ColumnSpec,
    z.strictObject({ const: z.union([z.string(), z.int(), z.boolean()]) }),
    z.strictObject({ template: z.string() }),
    z.strictObject({
      object: z.record(z.string(), ValueSpec),
      require: z.array(z.string()).min(1),
    }),
    z.strictObject({ list: z.array(ValueSpec).min(1) }),
    z.strictObject({ split: z.string(), separator: z.string().min(1), as: Transform.optional() }),
    z.strictObject({ firstOf: z.array(ValueSpec).min(2) }),
  ]),
)

const FieldSpec = z.strictObject({
  value: ValueSpec,
  /** Sensitivity class, if not the kind's default. */
  class: Sensitivity.optional(),
  /** Label, if not that of the class. */
  label: Label.optional(),
})

const Labels = z.partialRecord(Sensitivity, Label)

/**
 * How the rows of one table become records of one kind: data, signed off by an officer as the source of every label.
 * `key` names the columns by which a row is recognised when the file comes again.
 */
export const Mapping = z.strictObject({
  mapping: z.string().regex(/^[a-z][a-z0-9-]*$/),
  version: z.int().positive(),
  kind: Kind,
  dataset: DatasetName,
  originator: z.union([Nation, z.strictObject({ column: z.string() })]),
  source: z.strictObject({ document: ValueSpec, row: ValueSpec.optional() }),
  key: z.array(z.string()).min(1),
  asOf: ValueSpec,
  status: Envelope.shape.status.default('active'),
  confidence: Envelope.shape.confidence,
  handling: Envelope.shape.handling,
  /** Texts that mean "not given" in every column. */
  missing: z.array(z.string()).default(['']),
  labels: Labels,
  /** Labels of one originator, where several nations share a table shape. */
  labelsOf: z.partialRecord(Nation, Labels).default({}),
  fields: z.record(z.string(), FieldSpec),
})
export type Mapping = z.infer<typeof Mapping>

/**
 * Opens a mapping file. Every field must be one of the kind, and every class in use must have a label.
 * @throws {ImportError} `MAPPING_INVALID`, naming the field
 */
export function parseMapping(json: unknown): Mapping {
  const parsed = Mapping.safeParse(json)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    throw new ImportError(
      'MAPPING_INVALID',
      `${issue?.path.join('.') || 'mapping'}: ${issue?.message}`,
    )
  }
  const mapping = parsed.data
  const known = fieldsOf(mapping.kind)
  for (const [name, spec] of Object.entries(mapping.fields)) {
    const definition = Object.hasOwn(known, name) ? known[name] : undefined
    if (!definition)
      throw new ImportError('MAPPING_INVALID', `fields.${name}: ${mapping.kind} has no such field`)
    const sensitivity = spec.class ?? definition.sensitivity
    if (!spec.label && !mapping.labels[sensitivity])
      throw new ImportError('MAPPING_INVALID', `fields.${name}: class ${sensitivity} has no label`)
  }
  return mapping
}
