import { z } from 'zod'
import { defineVerb } from '../../verb.ts'

export const feedResetVerb = defineVerb({
  name: 'feed reset',
  arguments: '<nation> <dataset>',
  purpose:
    'Begin the feed of a dataset to a nation anew, where its chain is broken: the nation drops all it has of it, and the policy decides again.',
  options: [{ flags: '--reason <text>', purpose: 'why: the nation reads it' }],
  example: 'feed reset NOR production --reason "its node lost statement 41"',
  next: 'entente release preview, where the dataset waits for a plan',
  input: z.strictObject({
    nation: z.string(),
    dataset: z.string(),
    reason: z.string({ error: 'say why with --reason' }).min(1).max(200),
  }),
  run: async ({ atNode }, { nation, dataset, reason }) => {
    const { index } = await atNode((api) => api.feedReset({ nation, dataset, reason }))
    return {
      json: { nation, dataset, reason, index },
      text: `the feed of ${dataset} to ${nation} begins anew; logged as leaf ${index}`,
    }
  },
})
