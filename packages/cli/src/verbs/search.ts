import { z } from 'zod'
import { formatRows } from '../rows.ts'
import { defineVerb } from '../verb.ts'

export const searchVerb = defineVerb({
  name: 'search',
  arguments: '<text...>',
  purpose: 'Search own records and those released to us, by words, NSN, NCAGE or part number.',
  options: [{ flags: '--limit <n>', purpose: 'at most so many (else 50)' }],
  example: 'search cobalt refinery',
  where: 'in the demo, at the USA’s node',
  next: 'entente record show RECORD',
  input: z.strictObject({
    text: z.array(z.string()),
    limit: z.coerce.number().int().min(1).default(50),
  }),
  run: async ({ atNode, io }, { text, limit }) => {
    const rows = await atNode((api) => api.search({ text: text.join(' '), limit }))
    return { json: { rows }, text: formatRows(rows, io) }
  },
})
