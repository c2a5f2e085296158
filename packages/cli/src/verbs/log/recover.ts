import { resolve } from 'node:path'
import { z } from 'zod'
import { count } from '../../text.ts'
import { defineVerb } from '../../verb.ts'

export const logRecoverVerb = defineVerb({
  name: 'log recover',
  purpose:
    'Take the missing end of the log back, at a frozen node: from partners, backups and exported logs, as many as it takes. Signs nothing.',
  options: [
    {
      flags: '--from <place>',
      purpose: 'a nation, a folder of backups or of an exported log',
      repeat: true,
    },
    { flags: '--key <file>', purpose: 'the recovery key, for backups' },
  ],
  example: 'log recover --from entente-backup --key recovery.pem --from NOR',
  next: 'start the node again; look at release preview, then partner resume NATION',
  input: z.strictObject({
    from: z.array(z.string(), { error: 'name a place with --from' }).min(1),
    key: z.string().optional(),
  }),
  run: async ({ atNode }, { from, key }) => {
    const places = from.map((place) => (/^[A-Z]{3}$/.test(place) ? place : resolve(place)))
    const recovered = await atNode((api) =>
      api.logRecover({ from: places, ...(key !== undefined && { key: resolve(key) }) }),
    )
    const { from: before, size, unopened } = recovered
    const lines = [
      `recovered: the log had ${before} leaves and has ${size}, as it was signed`,
      ...(unopened.length > 0
        ? [
            `nothing opens ${count(unopened.length, 'leaf').replace('leafs', 'leaves')} of it: ${unopened.join(', ')}`,
          ]
        : []),
      'Start the node again. Every partner is paused: look at the records and at release preview first, then partner resume NATION.',
    ]
    return { json: { ...recovered }, text: lines.join('\n') }
  },
})
