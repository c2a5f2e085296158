import { DatasetName, Kind } from '@entente/schema'
import { z } from 'zod'
import { envelopeInput, envelopeOf, envelopeOptions } from '../../envelope-options.ts'
import { parseFields, parseLabels, sayingHow } from '../../fields.ts'
import { clean } from '../../text.ts'
import { defineVerb } from '../../verb.ts'

export const recordAddVerb = defineVerb({
  name: 'record add',
  arguments: '<kind>',
  purpose: 'Add a record. It stays at home until a policy and a release let it go.',
  options: [
    { flags: '--dataset <name>', purpose: 'dataset it belongs to' },
    { flags: '--set <field>', purpose: 'name=text or name:=JSON', repeat: true },
    {
      flags: '--label <field>',
      purpose: 'name=RESTRICTED//REL TO NOR; else its class’s',
      repeat: true,
    },
    ...envelopeOptions,
    { flags: '--author <name>', purpose: 'who adds it (else the user)' },
    { flags: '--reason <text>', purpose: 'why' },
  ],
  example: 'record add gap --dataset needs --set title="Cobalt, refined" --reason "review of May"',
  next: 'entente record show ID; entente schema KIND names the fields',
  input: z.strictObject({
    kind: Kind,
    dataset: DatasetName,
    set: z.array(z.string(), { error: 'give at least one field' }),
    label: z.array(z.string()).default([]),
    ...envelopeInput,
    author: z.string().min(1).optional(),
    reason: z.string().min(1).default('new record'),
  }),
  run: async (
    { atNode, io },
    { kind, dataset, set, label, author = io.userName, reason, ...about },
  ) => {
    const labels = parseLabels(label)
    const envelope = envelopeOf(about)
    const request = {
      kind,
      dataset,
      fields: parseFields(set),
      labels,
      ...(envelope && { envelope }),
      author,
      reason,
    }
    const record = await sayingHow(set, () => atNode((api) => api.recordAdd(request)))
    return { json: { record }, text: `added ${clean(record.id)}` }
  },
})
