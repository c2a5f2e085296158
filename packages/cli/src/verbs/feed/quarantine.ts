import { z } from 'zod'
import { formatTable } from '../../text.ts'
import { defineVerb } from '../../verb.ts'

export const feedQuarantineVerb = defineVerb({
  name: 'feed quarantine',
  purpose:
    'Show what partners sent that was kept out, and why. The rest of their feeds goes on; each is asked for again by itself.',
  options: [{ flags: '--from <nation>', purpose: 'only of this partner' }],
  example: 'feed quarantine --from NOR',
  next: 'entente partner pause NATION, or ask the nation to run entente feed reset',
  input: z.strictObject({ from: z.string().optional() }),
  run: async ({ atNode, io }, { from }) => {
    const { entries } = await atNode((api) =>
      api.feedQuarantine(from === undefined ? {} : { from }),
    )
    const rows = entries.map(({ nation, dataset, seq, record, code, meaning, entry }) => [
      nation,
      dataset,
      seq,
      `${code}: ${meaning}`,
      record,
      entry,
    ])
    return {
      json: { entries },
      text:
        rows.length === 0
          ? 'nothing is in quarantine'
          : formatTable(['from', 'dataset', 'statement', 'why', 'record', 'entry'], rows, io),
    }
  },
})
