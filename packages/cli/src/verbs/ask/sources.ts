import { z } from 'zod'
import { formatAnswer } from '../../answer-text.ts'
import { defineVerb } from '../../verb.ts'

export const askSourcesVerb = defineVerb({
  name: 'ask sources',
  arguments: '<material...>',
  purpose: 'Which allied sources are there of a material? Doubtful ones are marked, not counted.',
  example: 'ask sources cobalt',
  where: 'in the demo, at the USA’s node',
  next: 'entente record show RECORD',
  input: z.strictObject({ material: z.array(z.string()) }),
  run: async ({ atNode, io }, { material }) => {
    const answer = await atNode((api) => api.askSources({ material: material.join(' ') }))
    return { json: { ...answer }, text: formatAnswer(answer, io) }
  },
})
