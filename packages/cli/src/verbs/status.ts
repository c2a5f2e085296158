import { z } from 'zod'
import { EXIT } from '../exit-codes.ts'
import { statusPage } from '../status/page.ts'
import { defineVerb } from '../verb.ts'

export const statusVerb = defineVerb({
  name: 'status',
  purpose:
    'Say in words how the node is: what needs you, each partner and when it was last in sync, log, quorum, ports.',
  options: [{ flags: '--check', purpose: 'exit with 6 unless all is well, for scripts' }],
  example: 'status --check',
  next: 'what stands under “Needs you”, with the command that does it',
  input: z.strictObject({ check: z.boolean().default(false) }),
  run: async ({ atNode, io, at }, { check }) => {
    const status = await atNode((api) => api.status())
    return {
      json: { ...status },
      text: statusPage(status, io, at),
      exit: check && !status.ok ? EXIT.outOfSync : EXIT.done,
    }
  },
})
