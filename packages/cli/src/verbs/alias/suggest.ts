import { z } from 'zod'
import { relationWords } from '../../relation-words.ts'
import { formatTable } from '../../text.ts'
import { defineVerb } from '../../verb.ts'

export const aliasSuggestVerb = defineVerb({
  name: 'alias suggest',
  arguments: '[text]',
  purpose:
    'Suggest names that may be one party, with what speaks for and against it. It links nothing.',
  options: [
    { flags: '--at-least <percent>', purpose: 'least confidence (else 30)' },
    { flags: '--limit <n>', purpose: 'at most so many (else 50)' },
  ],
  example: 'alias suggest raytheon',
  where: 'in the demo, at the USA’s node',
  next: 'entente alias link NAME --to NAME, or entente alias refuse NAME --other NAME',
  input: z.strictObject({
    text: z.string().optional(),
    atLeast: z.coerce.number().int().min(0).max(100).optional(),
    limit: z.coerce.number().int().min(1).default(50),
  }),
  run: async ({ atNode, io }, { text, atLeast, limit }) => {
    const found = await atNode((api) =>
      api.aliasSuggest({
        ...(text !== undefined && { text }),
        ...(atLeast !== undefined && { atLeast }),
        limit,
      }),
    )
    const rows = found.suggestions.flatMap(({ relation, names, confidence, reasons, against }) => {
      const says = [
        ...reasons.map(({ words }) => `+ ${words}`),
        ...against.map(({ words }) => `- ${words}`),
      ]
      const [a, b] = names
      return (says.length === 0 ? [''] : says).map((say, i) =>
        i === 0 ? [`${confidence} %`, a, relationWords[relation], b, say] : ['', '', '', '', say],
      )
    })
    return {
      json: found,
      text: `${found.names} names\n\n${formatTable(['sure', 'name', '', 'name', 'because'], rows, io)}`,
    }
  },
})
