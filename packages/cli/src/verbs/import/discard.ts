import { z } from 'zod'
import { defineVerb } from '../../verb.ts'
import { ImportId } from './import-id.ts'

export const importDiscardVerb = defineVerb({
  name: 'import discard',
  arguments: '<id>',
  purpose:
    'Forget a draft, or what an applied import needs to be undone. The ledger stays as it is.',
  example: 'import discard 3',
  next: 'entente import list',
  input: z.strictObject({ id: ImportId }),
  run: async ({ atNode }, { id }) => {
    await atNode((api) => api.importDiscard({ id }))
    return { json: { discarded: id }, text: `import ${id} is forgotten` }
  },
})
