import { z } from 'zod'
import { importsText } from '../../import-text.ts'
import { defineVerb } from '../../verb.ts'

export const importListVerb = defineVerb({
  name: 'import list',
  purpose: 'List the imports of this node: drafts, applied and undone.',
  example: 'import list',
  next: 'entente import show ID',
  input: z.strictObject({}),
  run: async ({ atNode, io }) => {
    const imports = await atNode((api) => api.importList())
    return { json: { imports }, text: importsText(imports, io) }
  },
})
