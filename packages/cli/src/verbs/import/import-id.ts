import { z } from 'zod'

/** Number of an import, as typed: `3` or `#3`. */
export const ImportId = z
  .string()
  .regex(/^#?\d+$/, 'an import is named by its number, such as 3')
  .transform((text) => Number(text.replace('#', '')))
