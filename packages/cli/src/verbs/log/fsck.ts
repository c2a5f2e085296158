import { z } from 'zod'
import { EXIT } from '../../exit-codes.ts'
import { clean, count, formatTable } from '../../text.ts'
import { defineVerb } from '../../verb.ts'

export const logFsckVerb = defineVerb({
  name: 'log fsck',
  purpose:
    'Derive the release log again from its entries, every node, root and checkpoint, and say what does not fit. Changes nothing.',
  options: [{ flags: '--limit <n>', purpose: 'list at most so many findings (else 100)' }],
  example: 'log fsck',
  next: 'docs/recovery.md says what a node with a damaged log can do',
  input: z.strictObject({ limit: z.coerce.number().int().min(1).max(100_000).default(100) }),
  run: async ({ atNode, progress, io }, { limit }) => {
    const checked = await atNode((api) => api.logFsck({ limit }, progress))
    const { origin, leaves, published, found, findings } = checked
    const looked = `${clean(origin)}: size ${leaves}, ${published} published`
    const rows = findings.map(({ code, index, message }) => [code, index ?? '', message])
    const more = found > findings.length ? `\n${found - findings.length} more` : ''
    return {
      json: { ...checked },
      text:
        found === 0
          ? `${looked}: nothing is wrong`
          : `${looked}: ${count(found, 'finding')}\n${formatTable(['code', 'leaf', 'what'], rows, io)}${more}`,
      exit: found === 0 ? EXIT.done : EXIT.unverified,
    }
  },
})
