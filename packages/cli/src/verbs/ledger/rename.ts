import { z } from 'zod'
import { defineVerb } from '../../verb.ts'

export const ledgerRenameVerb = defineVerb({
  name: 'ledger rename',
  purpose:
    'Give this node a new name in the ledger, after its folder was restored from a copy. Loses nothing.',
  example: 'ledger rename',
  next: 'start the node again; the nation’s other nodes take it as a new writer',
  input: z.strictObject({}),
  run: async ({ atNode }) => {
    const { before } = await atNode((api) => api.ledgerRename(null))
    return {
      json: { before },
      text: [
        `This node wrote as ${before}, and writes under a new name from its next start on.`,
        'Never run both the folder and its copy: each needs an identity of its own (entente init --join).',
      ].join('\n'),
    }
  },
})
