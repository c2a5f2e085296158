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
    { flags: '--limit <n>', purpose: 'at most so many (else 50)' },
  ],
  example: 'record list --kind capability --originator CAN',
  next: 'entente record show RECORD',
  input: z.strictObject({
    kind: z.string().optional(),
    dataset: z.string().optional(),
    originator: z.string().optional(),
    limit: z.coerce.number().int().min(1).default(50),
  }),
  run: async ({ atNode, io }, { kind, dataset, originator, limit }) => {
    const filter = {
      ...(kind !== undefined && { kind }),
      ...(dataset !== undefined && { dataset }),
      ...(originator !== undefined && { originator }),
      limit,
    }
    const rows = await atNode((api) => api.recordList(filter))
    return { json: { rows }, text: formatRows(rows, io) }
  },
})
