import { z } from 'zod'
import { chosen, firstKeyOf, refused } from './chosen.ts'
import { Match } from './match.ts'

const forms = {
  /** These columns never have these texts together. */
  never: z.strictObject({ never: Match }),
  /** The numbers add up; a row that lacks one of them is not checked. */
  sum: z.strictObject({ sum: z.array(z.string()).min(1), equals: z.string() }),
  /** Numbers or dates do not fall from one column to the next; `0` and what is missing are passed over. */
  rising: z.strictObject({ rising: z.array(z.string()).min(2) }),
  /** One column begins with the text of another. */
  begins: z.strictObject({ column: z.string(), begins: z.string() }),
  /** A text names no other nation than that of a column (name or code). */
  names: z.strictObject({ names: z.string(), nation: z.string() }),
}
const words = Object.keys(forms) as readonly (keyof typeof forms)[]

export type Check = z.infer<(typeof forms)[keyof typeof forms]>

/**
 * What must hold between the columns of a row; a row for which it does not is flagged as contradictory and imported as it
 * is. Closed list.
 */
export const Check: z.ZodType<Check> = chosen((input): z.ZodType<Check> => {
  const word = firstKeyOf(input, words)
  return word === undefined ? refused(`is no check: use one of ${words.join(', ')}`) : forms[word]
})

/** Columns that a check reads. */
export function columnsOfCheck(check: Check): readonly string[] {
  if ('never' in check) return Object.keys(check.never)
  if ('sum' in check) return [...check.sum, check.equals]
  if ('rising' in check) return check.rising
  if ('begins' in check) return [check.column, check.begins]
  return [check.names, check.nation]
}
