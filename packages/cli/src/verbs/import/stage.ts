import { basename, resolve } from 'node:path'
import { z } from 'zod'
import { EXIT } from '../../exit-codes.ts'
import { mustExist } from '../../files.ts'
import { importText } from '../../import-text.ts'
import { mappingNamed } from '../../mapping-file.ts'
import { tableInput, tableOf, tableOptions } from '../../table-options.ts'
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
    ...tableOptions,
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
    ...tableInput,
    author: z.string().min(1).optional(),
    reason: z.string().min(1).optional(),
  }),
  run: async ({ atNodeInSteps, progress, io }, { file, mapping, apply, strict, ...rest }) => {
    mustExist(file)
    const { author = io.userName, reason = `import of ${basename(file)}`, ...table } = rest
    const request = {
      file,
      path: resolve(file),
      ...(mapping !== undefined && { mapping: mappingNamed(mapping) }),
      table: tableOf(table),
      strict,
      author,
      reason,
    }
    const summary = await atNodeInSteps(async (api) => {
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
