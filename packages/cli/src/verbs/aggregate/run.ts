import { z } from 'zod'
import { formatAggregates } from '../../aggregate-text.ts'
import { count } from '../../text.ts'
import { defineVerb } from '../../verb.ts'

export const aggregateRunVerb = defineVerb({
  name: 'aggregate run',
  purpose:
    'Publish the aggregates of the policy as records of the ledger, which then go as its rules say. Run again, it changes nothing that need not change.',
  options: [
    { flags: '--author <name>', purpose: 'who publishes (else the user)' },
    { flags: '--reason <text>', purpose: 'why' },
  ],
  example: 'aggregate run --reason "survey of May"',
  next: 'entente release preview shows who would get them',
  input: z.strictObject({
    author: z.string().min(1).optional(),
    reason: z.string({ error: 'say why with --reason' }).min(1),
  }),
  run: async ({ atNode, io }, { author = io.userName, reason }) => {
    const answer = await atNode((api) => api.aggregateRun({ author, reason }))
    const words = { publish: 'published', keep: 'kept', suppress: 'nothing' }
    const table = formatAggregates(answer, words, io)
    const back = answer.withdrawn.length
    return {
      json: { ...answer },
      text: back === 0 ? table : `${table}\n\n${count(back, 'earlier record')} withdrawn`,
    }
  },
})
