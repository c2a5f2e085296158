import { z } from 'zod'
import { field } from './define-kind.ts'
import { Quantity, Text } from './value.ts'

/** Half-open band: `from` is in, `to` is out; without `to` it is open above. */
const Band = z.strictObject({ from: Quantity, to: Quantity.optional() })

/**
 * What one cell of an aggregate says, always in bands and of several contributors, whom it does not name: their number, the sum of
 * their values, or the band from the least to the greatest.
 */
export const Aggregate = z.strictObject({
  measure: z.enum(['count', 'sum', 'range']),
  /** Field that was measured. */
  field: Text,
  cell: Text,
  value: Band,
  /** Of the value: `each per year`, `months`, `USD of 2017`. */
  unit: Text,
  /** Fewest contributors that there are. */
  contributors: z.strictObject({ from: Quantity }),
})
export type Aggregate = z.infer<typeof Aggregate>

/** The field that makes a record a derived one: other kinds cannot hold aggregates. */
export const aggregateField = field(
  Aggregate,
  'R',
  'What several records say together, in bands: made by `entente aggregate run`, never by hand',
)
