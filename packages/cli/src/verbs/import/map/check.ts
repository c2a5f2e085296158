import { parseMapping } from '@entente/node'
import { z } from 'zod'
import { readMapping } from '../../../mapping-file.ts'
import { clean, count } from '../../../text.ts'
import { defineVerb } from '../../../verb.ts'

export const importMapCheckVerb = defineVerb({
  name: 'import map check',
  arguments: '<file>',
  purpose: 'Check a mapping file, and name the line of what is wrong. Works offline.',
  example: 'import map check examples/mappings/items.yaml',
  next: 'entente import map save FILE, or entente import TABLE --mapping FILE',
  input: z.strictObject({ file: z.string() }),
  run: (_, { file }) => {
    const { text } = readMapping(file)
    const { mapping } = parseMapping(text, file)
    const fields = Object.keys(mapping.fields)
    const { mapping: name, edition, kind, dataset } = mapping
    return {
      json: { mapping: name, edition, kind, dataset, fields },
      text: `${clean(file)}: nothing is wrong: ${name}@${edition} makes ${kind} records of ${count(fields.length, 'field')} in ${dataset}`,
    }
  },
})
