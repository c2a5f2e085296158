import { basename, resolve } from 'node:path'
import { TableOptions } from '@entente/node'
import { z } from 'zod'
import { EXIT } from '../../exit-codes.ts'
import { mustExist } from '../../files.ts'
import { importText } from '../../import-text.ts'
import { mappingNamed } from '../../mapping-file.ts'
import { defineVerb } from '../../verb.ts'

export const importVerb = defineVerb({
  name: 'import',
  arguments: '<file>',
  purpose:
    'Read a CSV, XLSX, JSON or JSON Lines file through a mapping into a draft: what it would create and change. A table of entente export needs none: its rows are edits of the records that they name.',
  options: [
    {
      flags: '--mapping <name>',
      purpose:
        'a saved mapping (NAME or NAME@EDITION), or a mapping file; none for an exported table',
    },
    { flags: '--apply', purpose: 'apply the draft at once' },
    { flags: '--strict', purpose: 'a refused row refuses the whole file' },
    { flags: '--sheet <name>', purpose: 'sheet of a workbook (else the first)' },
    { flags: '--header-row <n>', purpose: 'row that names the columns (else the first)' },
    {
      flags: '--encoding <label>',
      purpose: 'of a text file, such as windows-1252 (else found out)',
    },
    { flags: '--delimiter <char>', purpose: 'between the cells of a line (else found out)' },
    { flags: '--author <name>', purpose: 'who imports (else the user)' },
    { flags: '--reason <text>', purpose: 'why (else the file’s name)' },
  ],
  example: 'import examples/usa/items.csv --mapping examples/mappings/items.yaml',
  next: 'entente import diff ID, entente import apply ID',
  input: z.strictObject({
    file: z.string(),
    mapping: z.string().optional(),
    apply: z.boolean().default(false),
    strict: z.boolean().default(false),
    sheet: z.string().optional(),
    headerRow: z.coerce.number().int().min(1).optional(),
    encoding: z.string().optional(),
    delimiter: z.string().optional(),
    author: z.string().min(1).optional(),
    reason: z.string().min(1).optional(),
  }),
  run: async ({ atNode, progress, io }, { file, mapping, apply, strict, ...rest }) => {
    mustExist(file)
    const { author = io.userName, reason = `import of ${basename(file)}`, ...table } = rest
    const request = {
      file,
      path: resolve(file),
      ...(mapping !== undefined && { mapping: mappingNamed(mapping) }),
      table: TableOptions.parse(
        Object.fromEntries(Object.entries(table).filter(([, v]) => v !== undefined)),
      ),
      strict,
      author,
      reason,
    }
    const summary = await atNode(async (api) => {
      const draft = await api.importStage(request, progress)
      const may = draft.state === 'ready' && draft.created + draft.updated > 0
      return apply && may ? api.importApply({ id: draft.id, author, reason }, progress) : draft
    })
    const nothing = summary.refused > 0 && summary.refused === summary.read
    return {
      json: { import: summary },
      text: importText(summary),
      exit: summary.state === 'refused' || nothing ? EXIT.usage : EXIT.done,
    }
  },
})
