import { z } from 'zod'
import { isNation } from './identifiers/index.ts'

/** A nation, ISO 3166-1 alpha-3. */
export const Nation = z
  .string()
  .refine(isNation, { error: ({ input }) => `${String(input)} is not an ISO 3166-1 alpha-3 code` })
export type Nation = z.infer<typeof Nation>

/** A named, dated set of nations, such as AUKUS or NATO; expanded by signed data, never by code. */
export const GroupCode = z
  .string()
  .regex(/^[A-Z][A-Z0-9_]{3,15}$/, 'a group code has 4 to 16 capitals')
