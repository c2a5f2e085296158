import { importSections } from '@entente/node'
import { z } from 'zod'
import { figuresOf, rowsText } from '../../import-text.ts'
import { count } from '../../text.ts'
import { defineVerb } from '../../verb.ts'
import { ImportId } from './import-id.ts'

export const importDiffVerb = defineVerb({
  name: 'import diff',
  arguments: '<id>',
  purpose:
    'Show the rows of an import: created, changed field by field, refused and why, contradictory, missing.',
  options: [
    {
      flags: '--only <section>',
      purpose: `one of ${importSections.join(', ')} (else all but unchanged)`,
    },
    { flags: '--code <code>', purpose: 'only rows with this refusal or flag' },
    { flags: '--after <n>', purpose: 'go on behind this place in the file' },
    { flags: '--values', purpose: 'what each new record would say, and under which labels' },
    { flags: '--limit <n>', purpose: 'at most so many rows a section (else 20)' },
  ],
  example: 'import diff 3 --only created --values',
  next: 'entente import apply ID',
  input: z.strictObject({
    id: ImportId,
    only: z.enum(importSections).optional(),
    code: z.string().optional(),
    after: z.coerce.number().int().min(0).optional(),
    values: z.boolean().default(false),
    limit: z.coerce.number().int().min(1).default(20),
  }),
  run: async ({ atNode, io }, { id, only, code, after, values, limit }) => {
    const sections =
      only === undefined ? importSections.filter((section) => section !== 'unchanged') : [only]
    const { summary, found } = await atNode(async (api) => ({
      summary: await api.importShow({ id }),
      found: await Promise.all(
        sections.map(async (section) => ({
          section,
          rows: await api.importRows({
            id,
            section,
            limit,
            ...(code !== undefined && { code }),
            ...(after !== undefined && { after }),
          }),
        })),
      ),
    }))
    const shown = new Set<number>()
    const parts = found
      .filter(({ rows }) => only !== undefined || rows.length > 0)
      .map(({ section, rows }) => {
        // A row says all of itself where it first stands; what is missing is no row, and is counted apart.
        const fresh = section === 'missing' ? rows : rows.filter(({ seq }) => !shown.has(seq))
        if (section !== 'missing') for (const { seq } of fresh) shown.add(seq)
        const above = rows.length - fresh.length
        const more =
          rows.length === limit
            ? `\n… more behind place ${rows.at(-1)?.seq}: --only ${section} --after ${rows.at(-1)?.seq}`
            : ''
        const lines = [
          section,
          ...(fresh.length > 0 || above === 0 ? [rowsText(fresh, io, { values })] : []),
          ...(above > 0 ? [`   ${count(above, 'row')} shown above`] : []),
        ]
        return `${lines.join('\n')}${more}`
      })
    return {
      json: {
        import: summary,
        sections: Object.fromEntries(found.map(({ section, rows }) => [section, rows])),
      },
      text: [figuresOf(summary), ...parts].join('\n\n'),
    }
  },
})
