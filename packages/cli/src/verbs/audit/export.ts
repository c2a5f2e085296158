import { resolve } from 'node:path'
import { z } from 'zod'
import { count } from '../../text.ts'
import { defineVerb } from '../../verb.ts'

export const auditExportVerb = defineVerb({
  name: 'audit export',
  arguments: '<dir>',
  purpose: 'Write the evidence of this node as plain files for an auditor.',
  options: [
    { flags: '--with-content', purpose: 'add record content, so that decisions can be replayed' },
    { flags: '--log <number>', purpose: 'a log of this node that has ended, from 1' },
  ],
  example: 'audit export ./nor-bundle --with-content',
  next: 'entente audit verify DIR --trust roster.json',
  input: z.strictObject({
    dir: z.string(),
    withContent: z.boolean().default(false),
    log: z.coerce.number().int().min(1).optional(),
  }),
  run: async ({ atNode, progress }, { dir, withContent, log }) => {
    const directory = resolve(dir)
    const request = { directory, withContent, ...(log !== undefined && { log }) }
    const done = await atNode((api) => api.auditExport(request, progress))
    return {
      json: { directory, withContent, ...done },
      text: `${directory}: log of size ${done.leaves} in ${count(done.files, 'file')}`,
    }
  },
})
