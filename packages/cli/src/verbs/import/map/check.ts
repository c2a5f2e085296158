import { parseMapping } from '@entente/node'
import { z } from 'zod'
import { EXIT } from '../../../exit-codes.ts'
import { readMapping } from '../../../mapping-file.ts'
import { groupsInForce, strangeNames } from '../../../release-names.ts'
import { clean, count } from '../../../text.ts'
import { defineVerb } from '../../../verb.ts'

export const importMapCheckVerb = defineVerb({
  name: 'import map check',
  arguments: '<file>',
  purpose:
    'Check a mapping file, and name the line of what is wrong. Works offline; groups behind REL TO are checked where a node has a policy.',
  example: 'import map check examples/mappings/items.yaml',
  next: 'entente import map save FILE, or entente import TABLE --mapping FILE',
  input: z.strictObject({ file: z.string() }),
  run: async (session, { file }) => {
    const { text } = readMapping(file)
    const { mapping } = parseMapping(text, file)
    const fields = Object.keys(mapping.fields)
    const { mapping: name, edition, kind, dataset } = mapping
    const strange = strangeNames(mapping, await groupsInForce(session))
    const makes = `${name}@${edition} makes ${kind} records of ${count(fields.length, 'field')} in ${dataset}`
    return {
      json: { mapping: name, edition, kind, dataset, fields, strange },
      text:
        strange.length === 0
          ? `${clean(file)}: nothing is wrong: ${makes}`
          : [`${clean(file)}: ${makes}`, ...strange].join('\n'),
      exit: strange.length === 0 ? EXIT.done : EXIT.usage,
    }
  },
})
