import { z } from 'zod'
import { Nation } from '../nation.ts'
import { said } from './said.ts'

/** First leaf of a log. */
export const Genesis = z.strictObject({ ...said, nation: Nation })
export type Genesis = z.infer<typeof Genesis>

/** Says nothing; hides how many leaves do. */
export const Pad = z.strictObject(said)
export type Pad = z.infer<typeof Pad>

/**
 * Names leaves whose openings and inputs may be deleted. `ground`: the law or the purge that asks for it; `authority`: who
 * ordered it. A leaf is named by index, in rising order.
 */
export const Erase = z.strictObject({
  ...said,
  leaves: z.array(z.int().min(0)).min(1).max(10_000).readonly(),
  ground: z.string().min(1).max(200),
  authority: z.string().min(1).max(200),
})
export type Erase = z.infer<typeof Erase>
