import { z } from 'zod'
import { readMapping } from '../../../mapping-file.ts'
import { defineVerb } from '../../../verb.ts'

export const importMapSaveVerb = defineVerb({
  name: 'import map save',
  arguments: '<file>',
  purpose: 'Save an edition of a mapping at the node, with the signatures that lie beside it.',
  options: [{ flags: '--author <name>', purpose: 'who saves it (else the user)' }],
  example: 'import map save examples/mappings/items.yaml',
  next: 'entente import TABLE --mapping NAME',
  input: z.strictObject({ file: z.string(), author: z.string().min(1).optional() }),
  run: async ({ atNode, io }, { file, author = io.userName }) => {
    const saved = await atNode((api) => api.mappingSave({ ...readMapping(file), author }))
    const by = saved.signedBy.length === 0 ? 'not signed' : `signed by ${saved.signedBy.join(', ')}`
    return {
      json: { mapping: saved },
      text: `${saved.name}@${saved.edition} is saved, ${by}`,
    }
  },
})
