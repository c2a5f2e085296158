import { z } from 'zod'
import { importText } from '../../import-text.ts'
import { defineVerb } from '../../verb.ts'
import { ImportId } from './import-id.ts'

export const importUndoVerb = defineVerb({
  name: 'import undo',
  arguments: '<id>',
  purpose:
    'Take an import back: what it made goes, what it changed is as it was, unless somebody changed it since.',
  options: [
    { flags: '--author <name>', purpose: 'who does it (else the user)' },
    { flags: '--reason <text>', purpose: 'why' },
  ],
  example: 'import undo 3',
  next: 'entente import show ID',
  input: z.strictObject({
    id: ImportId,
    author: z.string().min(1).optional(),
    reason: z.string().min(1).optional(),
  }),
  run: async ({ atNodeInSteps, progress, io }, { id, author = io.userName, reason }) => {
    const request = { id, author, ...(reason !== undefined && { reason }) }
    const summary = await atNodeInSteps((api) => api.importUndo(request, progress))
    return { json: { import: summary }, text: importText(summary) }
  },
})
