import { z } from 'zod'
import { formatAnswer } from '../../answer-text.ts'
import { defineVerb } from '../../verb.ts'

export const askMakersAbroadVerb = defineVerb({
  name: 'ask makers-abroad',
  purpose: 'Which of our makers are in other nations?',
  example: 'ask makers-abroad',
  next: 'entente record show RECORD',
  input: z.strictObject({}),
  run: async ({ atNode, io }) => {
    const answer = await atNode((api) => api.askMakersAbroad())
    return { json: { ...answer }, text: formatAnswer(answer, io) }
  },
})
