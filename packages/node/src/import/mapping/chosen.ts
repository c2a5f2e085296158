import { z } from 'zod'

/** A schema that is chosen by the look of the input, so that an error speaks of what was meant. */
export const chosen = <T>(choose: (input: unknown) => z.ZodType<T>): z.ZodType<T> =>
  z.unknown().transform((input, context): T => parseWithin(choose(input), input, context))

/** Parses a part of an input within a transform; what is wrong with the part is wrong with the whole. */
export function parseWithin<T>(
  schema: z.ZodType<T>,
  input: unknown,
  context: z.core.$RefinementCtx,
): T {
  const parsed = schema.safeParse(input)
  if (parsed.success) return parsed.data
  for (const { message, path } of parsed.error.issues)
    context.addIssue({ code: 'custom', message, path, input })
  return z.NEVER
}

/** The first of these names that an object has. */
export function firstKeyOf<K extends string>(input: unknown, names: readonly K[]): K | undefined {
  return typeof input === 'object' && input !== null
    ? names.find((name) => Object.hasOwn(input, name))
    : undefined
}

/** Refuses everything with these words. */
export const refused = (message: string): z.ZodType<never> => z.never({ error: message })
