import { z } from 'zod'
import { editInput, editOptions, optionalLabel, parseValues } from '../../joint/joint-options.ts'
import { formatDocument } from '../../joint/joint-text.ts'
import { defineVerb } from '../../verb.ts'

export const jointEditVerb = defineVerb({
  name: 'joint edit',
  arguments: '<document>',
  purpose:
    'Change a joint document. What is written goes to every member, if the policy lets it; endorsements of what it said before no longer count.',
  options: [
    ...editOptions,
    { flags: '--unset <path>', purpose: 'value to take out', repeat: true },
    { flags: '--label <label>', purpose: 'label of what is written (else that of the document)' },
  ],
  example:
    'joint edit 7Q2b --set value.range.threshold="200 km" --set text="Detects at sea state 4."',
  where: 'at a node that has such a document',
  next: 'entente joint show DOCUMENT',
  input: z.strictObject({
    document: z.string(),
    ...editInput,
    unset: z.array(z.string()).default([]),
    label: z.string().optional(),
  }),
  run: async ({ atNode, io }, { document: id, set, unset, label }) => {
    const values = parseValues(set)
    const given = optionalLabel(label)
    const document = await atNode((api) =>
      api.jointEdit({ document: id, set: values, unset, ...given }),
    )
    return { json: { document }, text: formatDocument(document, io) }
  },
})
