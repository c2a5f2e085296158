import { z } from 'zod'
import { formatAnswer } from '../../answer-text.ts'
import { defineVerb } from '../../verb.ts'

export const askSecondSourcesVerb = defineVerb({
  name: 'ask second-sources',
  purpose: 'Which of our sole-source items has an allied candidate source?',
  example: 'ask second-sources',
  next: 'entente record show RECORD; a candidate is not yet a qualified source',
  input: z.strictObject({}),
  run: async ({ atNode, io }) => {
    const answer = await atNode((api) => api.askSecondSources())
    return { json: { ...answer }, text: formatAnswer(answer, io) }
  },
})
