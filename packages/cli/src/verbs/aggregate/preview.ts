import { z } from 'zod'
import { formatAggregates } from '../../aggregate-text.ts'
import { defineVerb } from '../../verb.ts'

export const aggregatePreviewVerb = defineVerb({
  name: 'aggregate preview',
  arguments: '[id]',
  purpose:
    'Show what the aggregates of the policy would publish now: which cells, in which bands, and why the others would not. Changes nothing.',
  example: 'aggregate preview',
  next: 'entente aggregate run --reason TEXT',
  input: z.strictObject({ id: z.string().optional() }),
  run: async ({ atNode, io }, { id }) => {
    const answer = await atNode((api) => api.aggregatePreview({ id }))
    const words = { publish: 'publish', keep: 'keep', suppress: 'nothing' }
    return { json: { ...answer }, text: formatAggregates(answer, words, io) }
  },
})
