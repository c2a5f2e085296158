import { resolve } from 'node:path'
import { z } from 'zod'
import { count } from '../../text.ts'
import { defineVerb } from '../../verb.ts'

export const logExportVerb = defineVerb({
  name: 'log export',
  arguments: '<dir>',
  purpose:
    'Write the published release log as static files (C2SP tlog-tiles), or bring an earlier export up to date. They hold commitments, no content.',
  example: 'log export ./log',
  next: 'serve DIR with any web server; entente log fsck',
  input: z.strictObject({ dir: z.string().min(1) }),
  run: async ({ atNode, progress }, { dir }) => {
    const directory = resolve(dir)
    const done = await atNode((api) => api.logExport({ directory }, progress))
    const { size, since, files } = done
    return {
      json: { directory, ...done },
      text: `${directory}: log of size ${size}, ${size - since} leaves of it new, in ${count(files, 'file')}`,
    }
  },
})
