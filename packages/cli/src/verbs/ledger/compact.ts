import { z } from 'zod'
import { count } from '../../text.ts'
import { defineVerb } from '../../verb.ts'

export const ledgerCompactVerb = defineVerb({
  name: 'ledger compact',
  purpose:
    'Take earlier values out of this node’s shards for good. What stands stays, with who wrote it, when and why.',
  options: [
    { flags: '--changes <n>', purpose: 'only shards that keep more changes than that (else 32)' },
    { flags: '--author <name>', purpose: 'who does it (else the user)' },
    { flags: '--reason <text>', purpose: 'why' },
  ],
  example: 'ledger compact --changes 100',
  next: 'entente ledger check',
  input: z.strictObject({
    changes: z.coerce.number().int().min(0).optional(),
    author: z.string().min(1).optional(),
    reason: z.string().min(1).default('compaction'),
  }),
  run: async ({ atNode, progress, io }, { changes, author = io.userName, reason }) => {
    const request = { ...(changes !== undefined && { changes }), author, reason }
    const sum = await atNode((api) => api.ledgerCompact(request, progress))
    const { shards, compacted, bytesBefore, bytesAfter } = sum
    return {
      json: { ...sum },
      text: `${compacted} of ${count(shards, 'shard')} compacted${compacted === 0 ? '' : `: ${size(bytesBefore)} before, ${size(bytesAfter)} now`}`,
    }
  },
})

const size = (bytes: number): string =>
  bytes < 10_000_000 ? `${Math.ceil(bytes / 1000)} kB` : `${Math.round(bytes / 1_000_000)} MB`
