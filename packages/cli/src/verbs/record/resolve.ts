import { z } from 'zod'
import { findRecord } from '../../find-record.ts'
import { clean } from '../../text.ts'
import { defineVerb } from '../../verb.ts'

export const recordResolveVerb = defineVerb({
  name: 'record resolve',
  arguments: '<record> <field>',
  purpose: 'Choose one of the values that were written apart. The label stays the join of all.',
  options: [
    { flags: '--take <n>', purpose: 'value to take, as record conflicts counts them' },
    { flags: '--author <name>', purpose: 'who chooses (else the user)' },
    { flags: '--reason <text>', purpose: 'why' },
  ],
  example: 'record resolve MK-58 supplier --take 1 --reason "asked the works"',
  where: 'in the demo, at the USA’s node',
  next: 'entente record conflicts',
  input: z.strictObject({
    record: z.string(),
    field: z.string(),
    take: z.coerce.number({ error: 'say which value with --take' }).int().min(1),
    author: z.string().min(1).optional(),
    reason: z.string({ error: 'say why with --reason' }).min(1),
  }),
  run: async ({ atNode, io }, { record, field, take, author = io.userName, reason }) => {
    const resolved = await atNode(async (api) =>
      api.recordResolve({
        id: await findRecord(api, record, { own: true }),
        field,
        take,
        author,
        reason,
      }),
    )
    return { json: { record: resolved }, text: `${field} of ${clean(resolved.id)} is settled` }
  },
})
