import type { Json } from '@entente/schema'
import { z } from 'zod'
import type { Io } from './io.ts'
import { bold, clean, formatTable, formatTree } from './text.ts'

/** What of an explanation stands in the text; `--json` has all of it. @see `Explanation` of `@entente/policy` */
const Explained = z.object({
  fields: z.array(
    z.object({
      field: z.string(),
      effect: z.string(),
      level: z.string(),
      gate: z.string(),
      rules: z.array(z.string()),
      words: z.string(),
    }),
  ),
  differences: z.array(z.object({ field: z.string(), words: z.string() })),
})

/** An explanation as a table of fields, and the differences between two nations as sentences. */
export function formatWhy(answer: Json, io: Pick<Io, 'colour' | 'columns'>): string {
  const parsed = Explained.safeParse(answer)
  if (!parsed.success) return formatTree(answer)
  const { fields, differences } = parsed.data
  const table = formatTable(
    ['field', 'effect', 'as', 'decided by', 'rules', 'because'],
    fields.map((f) => [f.field, f.effect, f.level, f.gate, f.rules.join(', '), f.words]),
    io,
  )
  if (differences.length === 0) return table
  const lines = differences.map(({ field, words }) => clean(`${field}: ${words}`))
  return [table, [bold('What makes the difference', io), ...lines].join('\n')].join('\n\n')
}
