import { z } from 'zod'

/** Place of a leaf in the log, from 0. */
export const LeafIndex = z.coerce.number().int().min(0)
