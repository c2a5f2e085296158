import { z } from 'zod'
import { isNation } from '../identifiers/nation.ts'

/** Half a character is in no encoding, so in no canonical JSON. */
const Whole = z
  .string()
  .refine((text) => text.isWellFormed(), 'holds half a character (a lone surrogate)')

/** Trimmed, non-empty text in Unicode NFC. */
export const Text = Whole.trim().min(1).max(2_000).normalize('NFC')

/** Characters of a number: more than any that counts or measures something. */
const maxNumberChars = 100

/** A number that need not be whole, as text: `12`, `0.56`, `-3.1`. Never a float: the bytes must not depend on the machine. */
export const Decimal = z
  .string()
  .max(maxNumberChars)
  .regex(/^-?(0|[1-9]\d*)(\.\d+)?$/, 'must be a decimal number as text')

/** As `Decimal`, zero or more. */
export const Quantity = z
  .string()
  .max(maxNumberChars)
  .regex(/^(0|[1-9]\d*)(\.\d+)?$/, 'must be a decimal number as text')

/** Percentage as text; USGS publishes bounds for withheld figures, so `>50` is a value. */
export const Percent = z
  .string()
  .max(maxNumberChars)
  .regex(
    /^[<>]?(100(\.0+)?|\d{1,2}(\.\d+)?)$/,
    'must be a percentage from 0 to 100, or a bound such as >50',
  )

/** ISO 8601 date of the precision the source has: `2017`, `2017-03` or `2017-03-31`. */
export const CalendarDate = z
  .string()
  .regex(
    /^\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?$/,
    'must be YYYY, YYYY-MM or YYYY-MM-DD',
  )

/** ISO 3166-1 alpha-3 code of a nation. */
export const NationCode = z
  .string()
  .regex(/^[A-Z]{3}$/)
  .refine(isNation, 'is not an ISO 3166-1 alpha-3 code')

/** Whole number, zero or more. */
export const Count = z.int().nonnegative()

/** Id of another record of the same nation, or the name the source gives it. */
export const Ref = Text

/** So many units per month or per year. */
export const Rate = z.strictObject({
  number: Quantity,
  unit: Text,
  per: z.enum(['month', 'year']),
})

/** Months from need to delivery; `total` is the source's own total, not a sum made here. */
export const LeadTime = z.strictObject({
  admin: Quantity.optional(),
  production: Quantity.optional(),
  total: Quantity.optional(),
  unit: z.literal('months'),
})

/** Money of one year: `{amount: '0.56', currency: 'USD', base_year: 2017}`. */
export const Money = z.strictObject({
  amount: Decimal,
  currency: z.string().regex(/^[A-Z]{3}$/, 'must be an ISO 4217 code'),
  base_year: z.int().min(1900).max(2200).optional(),
})

/** Where it is, as the source spells it; `nation` only when the text itself says so. */
export const Place = z.strictObject({ text: Text, nation: NationCode.optional() })

/** A span of time; either end may be open. */
export const Period = z.strictObject({
  from: CalendarDate.optional(),
  to: CalendarDate.optional(),
})

/** A set of short texts in the source's order. */
export const Texts = z.array(Text).min(1).readonly()

/** A set of nations. */
export const Nations = z.array(NationCode).min(1).readonly()

/** A decimal degree, as text. */
export const Degrees = z
  .string()
  .max(maxNumberChars)
  .regex(/^-?\d{1,3}(\.\d+)?$/, 'must be decimal degrees as text')

/** Anything canonical JSON can carry: no floats, no null. National extensions and fields of a newer version are of this type. */
export type Plain =
  | string
  | boolean
  | number
  | readonly Plain[]
  | { readonly [name: string]: Plain }

/** @see Plain */
export const Plain: z.ZodType<Plain> = z.lazy(() =>
  z.union([Whole, z.boolean(), z.int(), z.array(Plain), z.record(Whole, Plain)]),
)
