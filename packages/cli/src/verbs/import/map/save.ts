import { parseMapping } from '@entente/node'
import { z } from 'zod'
import { readMapping } from '../../../mapping-file.ts'
import { groupsInForce, strangeNames } from '../../../release-names.ts'
import { count } from '../../../text.ts'
import { defineVerb } from '../../../verb.ts'

export const importMapSaveVerb = defineVerb({
  name: 'import map save',
  arguments: '<file>',
  purpose: 'Save an edition of a mapping at the node, with the signatures that lie beside it.',
  options: [{ flags: '--author <name>', purpose: 'who saves it (else the user)' }],
  example: 'import map save examples/mappings/items.yaml',
  next: 'entente import TABLE --mapping NAME',
  input: z.strictObject({ file: z.string(), author: z.string().min(1).optional() }),
  run: async (session, { file, author = session.io.userName }) => {
    const given = readMapping(file)
    const { mapping } = parseMapping(given.text, file)
    const strange = strangeNames(mapping, await groupsInForce(session))
    const saved = await session.atNode((api) => api.mappingSave({ ...given, author }))
    const idle = Math.max(0, given.signatures.length - saved.signedBy.length)
    const by = saved.signedBy.length === 0 ? 'not signed' : `signed by ${saved.signedBy.join(', ')}`
    return {
      json: { mapping: saved, signaturesThatDoNotCount: idle, strange },
      text: [
        `${saved.name}@${saved.edition} is saved, ${by}`,
        ...(idle === 0
          ? []
          : [
              `${count(idle, 'signature')} beside it ${idle === 1 ? 'does' : 'do'} not count: no policy authority of the roster made ${idle === 1 ? 'it' : 'them'}, for this nation and this content`,
            ]),
        ...strange,
      ].join('\n'),
    }
  },
})
