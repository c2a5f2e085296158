import { resolve } from 'node:path'
import { z } from 'zod'
import { EXIT } from '../../exit-codes.ts'
import { count } from '../../text.ts'
import { defineVerb } from '../../verb.ts'

export const auditCollectVerb = defineVerb({
  name: 'audit collect',
  arguments: '<dir>',
  purpose: 'Ask every partner for what it holds from this node, as evidence for an auditor.',
  example: 'audit collect ./evidence',
  next: 'entente audit export ./bundle, then entente audit verify ./bundle ./evidence/* --trust roster.json',
  input: z.strictObject({ dir: z.string() }),
  run: async ({ atNode, progress }, { dir }) => {
    const directory = resolve(dir)
    const { partners } = await atNode((api) => api.auditCollect({ directory }, progress))
    const lines = partners.map((one) =>
      'trouble' in one
        ? `${one.nation}: no evidence: ${one.trouble}`
        : `${one.directory}: ${count(one.files, 'file')}, ${one.bytes} bytes`,
    )
    return {
      json: { directory, partners },
      text: lines.join('\n') || 'the roster names no partner',
      exit: partners.some((one) => 'trouble' in one) ? EXIT.outOfSync : EXIT.done,
    }
  },
})
