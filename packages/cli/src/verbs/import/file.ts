import { basename, resolve } from 'node:path'
import { z } from 'zod'
import { EXIT } from '../../exit-codes.ts'
import { readJsonFile, readText } from '../../files.ts'
import { clean, count, formatTable } from '../../text.ts'
import { defineVerb } from '../../verb.ts'

/** Rows of refusals shown; `--json` has all. */
const SHOWN = 20

export const importVerb = defineVerb({
  name: 'import',
  arguments: '<file>',
  purpose:
    'Read records from a CSV or JSON table through a mapping. Good rows go on, bad rows are named.',
  options: [
    { flags: '--mapping <file>', purpose: 'mapping from columns to fields and labels (JSON)' },
    { flags: '--author <name>', purpose: 'who imports (else the user)' },
    { flags: '--reason <text>', purpose: 'why (else the file’s name)' },
  ],
  example: 'import examples/usa/items.csv --mapping examples/mappings/items.json',
  next: 'entente search TEXT, then entente release preview',
  input: z.strictObject({
    file: z.string(),
    mapping: z.string({ error: 'name the mapping with --mapping' }),
    author: z.string().min(1).optional(),
    reason: z.string().min(1).optional(),
  }),
  run: async ({ atNode, progress, io }, { file, mapping, author, reason }) => {
    readText(file)
    const request = {
      file,
      path: resolve(file),
      mapping: readJsonFile(mapping),
      author: author ?? io.userName,
      reason: reason ?? `import of ${basename(file)}`,
    }
    const summary = await atNode((api) => api.importFile(request, progress))
    const { read, created, updated, unchanged, refused } = summary
    const more = refused.length > SHOWN ? `\n… and ${refused.length - SHOWN} more` : ''
    const table = formatTable(
      ['row', 'column', 'code', 'reason'],
      refused.slice(0, SHOWN).map((r) => [r.row, r.column ?? '', r.code, r.reason]),
      io,
    )
    return {
      json: { ...summary },
      text: `${clean(file)}: ${count(read, 'row')}: ${created} created, ${updated} updated, ${unchanged} unchanged, ${refused.length} refused${
        refused.length === 0
          ? ''
          : `\n\n${table}${more}\nMend these rows and import the file again.`
      }`,
      exit: refused.length > 0 && refused.length === read ? EXIT.usage : EXIT.done,
    }
  },
})
