import type { Json } from '@entente/schema'
import { z } from 'zod'
import type { Io } from './io.ts'
import { bold, clean, formatTable, formatTree, wrap } from './text.ts'

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
      change: z.string().optional(),
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
  const changes = new Map<string, string[]>()
  for (const { field, change } of fields)
    if (change !== undefined) changes.set(change, [...(changes.get(change) ?? []), field])
  return [
    table,
    ...section(
      'What makes the difference',
      differences.map(({ field, words }) => `${field}: ${words}`),
      io,
    ),
    ...section(
      'What would change it',
      [...changes].map(([change, names]) => `${names.join(', ')}: ${change}`),
      io,
    ),
  ].join('\n\n')
}

function section(
  title: string,
  lines: readonly string[],
  io: Pick<Io, 'colour' | 'columns'>,
): readonly string[] {
  if (lines.length === 0) return []
  return [[bold(title, io), ...lines.map((line) => wrap(clean(line), io))].join('\n')]
}
