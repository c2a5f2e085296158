import { z } from 'zod'
import { defineVerb } from '../../verb.ts'
import { ImportId } from './import-id.ts'

export const importDiscardVerb = defineVerb({
  name: 'import discard',
  arguments: '<id>',
  purpose:
    'Forget a draft; or give up undoing an applied import, which stays in the list. The ledger stays as it is.',
  options: [
    { flags: '--give-up-undo', purpose: 'of an applied import: it can never be undone then' },
  ],
  example: 'import discard 3',
  next: 'entente import list',
  input: z.strictObject({ id: ImportId, giveUpUndo: z.boolean().default(false) }),
  run: async ({ atNode }, { id, giveUpUndo }) => {
    const became = await atNode((api) => api.importDiscard({ id, giveUpUndo }))
    const words = { forgotten: 'is forgotten', closed: 'can no longer be undone' }
    return { json: { discarded: id, became }, text: `import ${id} ${words[became]}` }
  },
})
