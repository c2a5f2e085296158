import { z } from 'zod'
import { findRecord } from '../../find-record.ts'
import { clean } from '../../text.ts'
import { defineVerb } from '../../verb.ts'

export const recordRestoreVerb = defineVerb({
  name: 'record restore',
  arguments: '<record>',
  purpose:
    'Take back a withdrawal, or go back to what a record said after one of its changes. No label gets wider.',
  options: [
    { flags: '--to <n>', purpose: 'change to go back to, as record history counts them' },
    { flags: '--author <name>', purpose: 'who restores it (else the user)' },
    { flags: '--reason <text>', purpose: 'why' },
  ],
  example: 'record restore MK-58 --to 2 --reason "the letter was about another item"',
  next: 'entente record history RECORD',
  input: z.strictObject({
    record: z.string(),
    to: z.coerce.number().int().min(1).optional(),
    author: z.string().min(1).optional(),
    reason: z.string({ error: 'say why with --reason' }).min(1),
  }),
  run: async ({ atNode, io }, { record, to, author = io.userName, reason }) => {
    const restored = await atNode(async (api) =>
      api.recordRestore({
        id: await findRecord(api, record, { own: true }),
        ...(to !== undefined && { to }),
        author,
        reason,
      }),
    )
    return { json: { record: restored }, text: `restored ${clean(restored.id)}` }
  },
})
