import { z } from 'zod'
import { formatAnswer } from '../../answer-text.ts'
import { defineVerb } from '../../verb.ts'

export const askOneMakerVerb = defineVerb({
  name: 'ask one-maker',
  purpose: 'Which line items have one maker, as our records name them?',
  example: 'ask one-maker',
  next: 'entente alias suggest links names that are one party',
  input: z.strictObject({}),
  run: async ({ atNode, io }) => {
    const answer = await atNode((api) => api.askOneMaker())
    return { json: { ...answer }, text: formatAnswer(answer, io) }
  },
})
