import { z } from 'zod'
import { defineVerb } from '../../../verb.ts'

export const importMapShowVerb = defineVerb({
  name: 'import map show',
  arguments: '<name>',
  purpose: 'Print a saved mapping: its newest edition, or the one named.',
  options: [{ flags: '--edition <n>', purpose: 'edition (else the newest)' }],
  example: 'import map show items',
  next: 'write it to a file, change it, raise its edition, entente import map save FILE',
  input: z.strictObject({
    name: z.string(),
    edition: z.coerce.number().int().min(1).optional(),
  }),
  run: async ({ atNode }, { name, edition }) => {
    const shown = await atNode((api) =>
      api.mappingShow({ name, ...(edition !== undefined && { edition }) }),
    )
    return { json: { mapping: shown }, text: shown.text.trimEnd() }
  },
})
