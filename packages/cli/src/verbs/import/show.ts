import { z } from 'zod'
import { importText } from '../../import-text.ts'
import { defineVerb } from '../../verb.ts'
import { ImportId } from './import-id.ts'

export const importShowVerb = defineVerb({
  name: 'import show',
  arguments: '<id>',
  purpose: 'Show one import in figures.',
  example: 'import show 3',
  next: 'entente import diff ID',
  input: z.strictObject({ id: ImportId }),
  run: async ({ atNode }, { id }) => {
    const summary = await atNode((api) => api.importShow({ id }))
    return { json: { import: summary }, text: importText(summary) }
  },
})
