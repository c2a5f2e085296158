import { z } from 'zod'

/** What a row has: in each of these columns this text, or one of these; an empty text is what is not given. */
export const Match = z
  .record(z.string(), z.union([z.string(), z.array(z.string()).min(1)]))
  .refine((match) => Object.keys(match).length > 0, 'names no column')
export type Match = z.infer<typeof Match>
