import { resolve } from 'node:path'
import type { TakenBundle } from '@entente/node'
import { z } from 'zod'
import { EXIT, type Exit } from '../../exit-codes.ts'
import { count } from '../../text.ts'
import { defineVerb } from '../../verb.ts'

export const bundleImportVerb = defineVerb({
  name: 'bundle import',
  arguments: '<file>',
  purpose: 'Take in what a partner’s courier has brought, and say what to carry back.',
  options: [
    { flags: '--offline', purpose: 'this node has no network: work without a running node' },
  ],
  example: 'bundle import nor.bundle',
  next: 'entente bundle export --to NOR, and carry it back',
  input: z.strictObject({ file: z.string(), offline: z.boolean().default(false) }),
  run: async ({ atNode }, { file, offline }) => {
    const taken = await atNode((api) => api.bundleImport({ path: resolve(file) }), { offline })
    return { json: { ...taken }, text: textOf(taken), exit: exitFor(taken) }
  },
})

function textOf(taken: TakenBundle): string {
  const { from, number, missing, statements, acknowledged, cosigned } = taken
  const made = new Date(taken.madeAtMs).toISOString().slice(0, 16).replace('T', ' ')
  const isPublished = taken.published > taken.publishedBefore
  const came = [
    ...(statements > 0 ? [count(statements, 'new statement')] : []),
    ...(acknowledged > 0 ? [`${count(acknowledged, 'feed')} of ours acknowledged`] : []),
    ...(isPublished ? [`our log cosigned, and published up to ${taken.published}`] : []),
    ...(cosigned > 0 ? [`a checkpoint of its log, which we cosign up to ${cosigned}`] : []),
  ]
  const back = [
    ...(statements > 0 ? [`${count(statements, 'statement')} to acknowledge`] : []),
    ...(cosigned > 0 ? ['a cosignature'] : []),
    ...(taken.logSize > taken.published
      ? [`${taken.logSize - taken.published} leaves of ours to be cosigned`]
      : []),
  ]
  return [
    `bundle ${number} of ${from}, made ${made}Z: ${came.join('; ') || 'nothing new'}`,
    ...(missing === null
      ? []
      : [
          `${missing[0] === missing[1] ? `bundle ${missing[0]}` : `bundles ${missing[0]} to ${missing[1]}`} of ${from} never came; this one holds all that went before and was not acknowledged`,
        ]),
    ...(taken.isOlder ? ['it is older than one that was taken in before'] : []),
    ...(taken.isExpired
      ? ['it has expired: only what it takes back was taken in; ask for a new one']
      : []),
    ...taken.refused.map(({ code, message }) => `refused: ${message} (${code})`),
    ...(taken.quarantined > 0
      ? [`${taken.quarantined} of its entries are in quarantine, and are asked for again`]
      : []),
    back.length > 0
      ? `carry a bundle back: ${back.join('; ')}\nentente bundle export --to ${from}`
      : 'nothing needs to be carried back',
  ].join('\n')
}

/** A newer bundle helps. */
const outdated = ['CHECKPOINT_BASE', 'CHECKPOINT_ROLLBACK', 'QUORUM_STALE', 'FEED_GAP']

function exitFor({ refused }: TakenBundle): Exit {
  if (refused.length === 0) return EXIT.done
  return refused.every(({ code }) => outdated.includes(code)) ? EXIT.outOfSync : EXIT.unverified
}
