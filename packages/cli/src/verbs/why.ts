import { z } from 'zod'
import { findRecord } from '../find-record.ts'
import { defineVerb } from '../verb.ts'
import { formatWhy } from '../why-text.ts'

export const whyVerb = defineVerb({
  name: 'why',
  arguments: '<record>',
  purpose: 'Say why a nation gets, or does not get, each field of a record.',
  options: [
    { flags: '--for <nation>', purpose: 'the nation asked about' },
    { flags: '--field <name>', purpose: 'only this field' },
    {
      flags: '--not <nation>',
      purpose: 'a nation to set beside it: what one gets and the other not',
    },
  ],
  example: 'why AN/ASQ-235 --for GBR --not NOR',
  where: 'in the demo, at the USA’s node',
  next: 'entente policy show',
  input: z.strictObject({
    record: z.string(),
    for: z.string({ error: 'name the nation with --for' }),
    field: z.string().optional(),
    not: z.string().optional(),
  }),
  run: async ({ atNode, io }, { record, for: nation, field, not: compare }) => {
    const answer = await atNode(async (api) =>
      api.why({
        record: await findRecord(api, record),
        nation,
        ...(field !== undefined && { field }),
        ...(compare !== undefined && { compare }),
      }),
    )
    return { json: { why: answer }, text: formatWhy(answer, io) }
  },
})
