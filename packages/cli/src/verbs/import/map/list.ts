import { z } from 'zod'
import { formatTable, formatTime } from '../../../text.ts'
import { defineVerb } from '../../../verb.ts'

export const importMapListVerb = defineVerb({
  name: 'import map list',
  purpose: 'List the saved mappings and their editions.',
  example: 'import map list',
  next: 'entente import map show NAME',
  input: z.strictObject({}),
  run: async ({ atNode, io }) => {
    const mappings = await atNode((api) => api.mappingList())
    return {
      json: { mappings },
      text: formatTable(
        ['name', 'edition', 'kind', 'dataset', 'title', 'signed by', 'saved by', 'at'],
        mappings.map((each) => [
          each.name,
          each.edition,
          each.kind,
          each.dataset,
          each.title,
          each.signedBy.join(', ') || '-',
          each.author,
          formatTime(each.savedAtMs),
        ]),
        io,
      ),
    }
  },
})
