import { z } from 'zod'
import { importText } from '../../import-text.ts'
import { defineVerb } from '../../verb.ts'
import { ImportId } from './import-id.ts'

export const importApplyVerb = defineVerb({
  name: 'import apply',
  arguments: '<id>',
  purpose: 'Take a draft into the ledger: created and changed records, nothing deleted.',
  options: [
    { flags: '--author <name>', purpose: 'who does it (else the user)' },
    { flags: '--reason <text>', purpose: 'why (else that of the draft)' },
  ],
  example: 'import apply 3',
  next: 'entente release preview',
  input: z.strictObject({
    id: ImportId,
    author: z.string().min(1).optional(),
    reason: z.string().min(1).optional(),
  }),
  run: async ({ atNodeInSteps, progress, io }, { id, author = io.userName, reason }) => {
    const request = { id, author, ...(reason !== undefined && { reason }) }
    const summary = await atNodeInSteps((api) => api.importApply(request, progress))
    return { json: { import: summary }, text: importText(summary) }
  },
})
