import { z } from 'zod'
import { signable, summarise, summaryText } from '../../import-summary.ts'
import { defineVerb } from '../../verb.ts'

export const importSummaryVerb = defineVerb({
  name: 'import summary',
  purpose:
    'Sum up what was imported, file by file, with a digest that a person can sign: every applied import.',
  example: 'import summary',
  next: 'entente import summary --json | jq -cjS .summary | sha256sum gives the same digest',
  input: z.strictObject({}),
  run: async ({ atNode, io }) => {
    const lines = await atNode(async (api) => summarise(api.nation, await api.importList()))
    const found = signable(lines)
    return { json: { ...found }, text: summaryText(found, io) }
  },
})
