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
  ],
  example: 'audit export ./nor-bundle --with-content',
  next: 'entente audit verify DIR --trust roster.json',
  input: z.strictObject({ dir: z.string(), withContent: z.boolean().default(false) }),
  run: async ({ atNode, progress }, { dir, withContent }) => {
    const directory = resolve(dir)
    const done = await atNode((api) => api.auditExport({ directory, withContent }, progress))
    return {
      json: { directory, withContent, ...done },
      text: `${directory}: log of size ${done.leaves} in ${count(done.files, 'file')}`,
    }
  },
})
