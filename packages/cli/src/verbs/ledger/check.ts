import { z } from 'zod'
import { EXIT } from '../../exit-codes.ts'
import { count, formatTable } from '../../text.ts'
import { defineVerb } from '../../verb.ts'

export const ledgerCheckVerb = defineVerb({
  name: 'ledger check',
  purpose:
    'Read everything that is stored of the ledger and say what does not fit. Changes nothing.',
  options: [{ flags: '--limit <n>', purpose: 'list at most so many findings (else 100)' }],
  example: 'ledger check',
  next: 'entente ledger rebuild makes tables, view and search anew; a damaged shard comes back from a backup alone',
  input: z.strictObject({ limit: z.coerce.number().int().min(1).max(100_000).default(100) }),
  run: async ({ atNode, progress, io }, { limit }) => {
    const checked = await atNode((api) => api.ledgerCheck({ limit }, progress))
    const { shards, records, found, findings } = checked
    const looked = `${count(records, 'record')} in ${count(shards, 'shard')}`
    const rows = findings.map(({ code, record, shard, message }) => [
      code,
      record ?? shard ?? '',
      message,
    ])
    const more = found > findings.length ? `\n${found - findings.length} more` : ''
    return {
      json: { ...checked },
      text:
        found === 0
          ? `${looked}: nothing is wrong`
          : `${looked}: ${count(found, 'finding')}\n${formatTable(['code', 'where', 'what'], rows, io)}${more}`,
      exit: found === 0 ? EXIT.done : EXIT.unverified,
    }
  },
})
