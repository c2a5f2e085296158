import { z } from 'zod'

/**
 * Text of others that stands within a line which people decide by, such as the name of an organisation: nothing in it ends the line,
 * steers a terminal, turns the direction of writing or is not seen.
 */
export const OneLine = z
  .string()
  .regex(
    /^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]*$/u,
    'has a line end, or a character that controls or formats',
  )
