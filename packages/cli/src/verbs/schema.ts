import { jsonSchemaOf, Kind } from '@entente/schema'
import { z } from 'zod'
import { defineVerb } from '../verb.ts'

export const schemaVerb = defineVerb({
  name: 'schema',
  arguments: '<kind>',
  purpose: 'Print the fields of a kind of record as JSON Schema 2020-12.',
  example: 'schema capability',
  next: 'entente record add KIND --set field=value',
  input: z.strictObject({
    kind: z.enum(Kind.options, { error: `is one of ${Kind.options.join(', ')}` }),
  }),
  run: (_, { kind }) => {
    const schema = jsonSchemaOf(kind)
    return { json: { ...schema }, text: JSON.stringify(schema, null, 2) }
  },
})
