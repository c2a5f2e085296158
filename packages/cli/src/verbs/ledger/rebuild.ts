import { z } from 'zod'
import { EXIT } from '../../exit-codes.ts'
import { clean, count } from '../../text.ts'
import { defineVerb } from '../../verb.ts'

export const ledgerRebuildVerb = defineVerb({
  name: 'ledger rebuild',
  purpose: 'Make tables, view and search index anew from the shards. Records stay as they are.',
  example: 'ledger rebuild',
  next: 'entente ledger check',
  input: z.strictObject({}),
  run: async ({ atNode, progress }) => {
    const rebuilt = await atNode((api) => api.ledgerRebuild(null, progress))
    const { shards, records, damaged } = rebuilt
    const left = damaged.map((shard) => `\n${clean(shard)} cannot be read: left as it was`).join('')
    return {
      json: { ...rebuilt },
      text: `made anew from ${count(shards, 'shard')}: ${count(records, 'record')}${left}`,
      exit: damaged.length === 0 ? EXIT.done : EXIT.unverified,
    }
  },
})
