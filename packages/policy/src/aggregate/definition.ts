import { DatasetName, FieldName, Kind, Label } from '@entente/schema'
import { z } from 'zod'

/** Percent of a sum, as text: more than none, less than all of it. */
const Share = z
  .string()
  .regex(/^(0\.\d{0,8}[1-9]|[1-9]\d?(\.\d{1,9})?)$/, 'not a percentage under 100 such as "60"')

const Cell = z.strictObject({
  name: z.string().min(1).max(100),
  /** Values of the field that divides the records; no value stands in two cells. */
  values: z
    .array(z.union([z.string().min(1), z.int()]))
    .min(1)
    .readonly(),
})

/**
 * An aggregate that the nation publishes: for each cell a derived record that says of several contributors together how many they
 * are, the sum of what they say, or the span of it. What is measured, and by which cells, never changes from one edition to the next.
 */
export const AggregateDefinition = z.strictObject({
  id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'not an aggregate id'),
  /** Title of the derived records, before the name of the cell. */
  title: z.string().min(1).max(200),
  from: z.strictObject({ kind: Kind, dataset: DatasetName, field: FieldName }),
  cells: z.strictObject({ by: FieldName, each: z.array(Cell).min(1).readonly() }),
  /** Field whose different values are the contributors; absent: each record is one. */
  contributor: FieldName.optional(),
  /** Fewest contributors of a cell, and fewest whose values are new when it is published again. */
  k: z.int().min(3).max(1_000),
  /** Greatest share of a sum that one contributor, or two together, may have. */
  dominance: z.strictObject({ largest: Share, largestTwo: Share.optional() }).optional(),
  measure: z.enum(['count', 'sum', 'range']),
  /** Bands of the published value; absent: coarse. */
  level: z.enum(['fine', 'coarse']).optional(),
  into: z.strictObject({ dataset: DatasetName }),
  /** Stands in place of the joined level and release list of the contributors; their caveats and others' terms stay. */
  label: Label.optional(),
})
export type AggregateDefinition = z.infer<typeof AggregateDefinition>
