import { z } from 'zod'
import { parseIsoDate } from './dates.ts'

/** `2026-10-01` (its first instant, UTC) or a UTC instant. Spans are half-open: `from` is in, `until` is out. */
export const PolicyDate = z
  .string()
  .refine((text) => parseIsoDate(text) !== null, { error: 'not a date such as 2026-10-01' })
