import { z } from 'zod'
import { findRecord } from '../../find-record.ts'
import { clean } from '../../text.ts'
import { defineVerb } from '../../verb.ts'

export const recordCopyVerb = defineVerb({
  name: 'record copy',
  arguments: '<record>',
  purpose:
    'Make a draft from a record, own or released to us. It keeps labels, and the terms of who it came from.',
  options: [
    { flags: '--dataset <name>', purpose: 'dataset of the copy (else that of the record)' },
    { flags: '--author <name>', purpose: 'who copies it (else the user)' },
    { flags: '--reason <text>', purpose: 'why' },
  ],
  example: 'record copy MK-58 --dataset needs --reason "base of our own requirement"',
  where: 'in the demo, at the USA’s node',
  next: 'entente record edit ID --status active',
  input: z.strictObject({
    record: z.string(),
    dataset: z.string().optional(),
    author: z.string().min(1).optional(),
    reason: z.string({ error: 'say why with --reason' }).min(1),
  }),
  run: async ({ atNode, io }, { record, dataset, author = io.userName, reason }) => {
    const { record: copy, left } = await atNode(async (api) =>
      api.recordCopy({
        id: await findRecord(api, record),
        ...(dataset !== undefined && { dataset }),
        author,
        reason,
      }),
    )
    const without = left.map(
      ({ field, reason }) =>
        `without ${clean(field)}, which our record cannot have: ${clean(reason)}`,
    )
    return {
      json: { record: copy, left },
      text: [`made ${clean(copy.id)}, a draft`, ...without].join('\n'),
    }
  },
})
