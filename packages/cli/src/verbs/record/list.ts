import { z } from 'zod'
import { formatRows } from '../../rows.ts'
import { defineVerb } from '../../verb.ts'

export const recordListVerb = defineVerb({
  name: 'record list',
  purpose: 'List records, own and released to us.',
  options: [
    { flags: '--kind <kind>', purpose: 'only this kind' },
    { flags: '--dataset <name>', purpose: 'only this dataset' },
    { flags: '--originator <nation>', purpose: 'only this nation’s' },
    {
      flags: '--where <condition>',
      purpose: 'such as lead_time.total>18, sourcing.last_contract_method=SS, materials~cobalt',
      repeat: true,
    },
    { flags: '--stale', purpose: 'only records whose day of review has come' },
    { flags: '--limit <n>', purpose: 'at most so many (else 50)' },
  ],
  example: 'record list --kind capability --originator CAN',
  where: 'in the demo, at the USA’s node',
  next: 'entente record show RECORD; entente export FILE takes the same selection',
  input: z.strictObject({
    kind: z.string().optional(),
    dataset: z.string().optional(),
    originator: z.string().optional(),
    where: z.array(z.string()).default([]),
    stale: z.boolean().default(false),
    limit: z.coerce.number().int().min(1).default(50),
  }),
  run: async ({ atNode, io }, { kind, dataset, originator, where, stale, limit }) => {
    const filter = {
      ...(kind !== undefined && { kind }),
      ...(dataset !== undefined && { dataset }),
      ...(originator !== undefined && { originator }),
      ...(where.length > 0 && { where }),
      ...(stale && { stale }),
      limit,
    }
    const rows = await atNode((api) => api.recordList(filter))
    return { json: { rows }, text: formatRows(rows, io) }
  },
})
