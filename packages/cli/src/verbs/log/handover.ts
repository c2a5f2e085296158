import { planHandover } from '@entente/node'
import { z } from 'zod'
import { byRoot, rootOptions } from '../../root/by-root.ts'
import { defineVerb } from '../../verb.ts'

export const logHandoverVerb = defineVerb({
  name: 'log handover',
  purpose: 'Give the log its last leaf, which names the log that follows.',
  options: rootOptions,
  example: 'log handover --root NOR.root.pem',
  next: 'when entente status says that all is published: stop the node, entente log retire --root FILE',
  input: z.strictObject({ root: z.string().optional(), rootCsr: z.string().optional() }),
  run: ({ folder, io, atNode }, { root, rootCsr }) =>
    byRoot(
      { folder, root, rootCsr, nowMs: io.nowMs() },
      (rootKey) => planHandover(folder, rootKey, Date.now()),
      async (planned) => {
        const { index } = await atNode((api) => api.logHandover(planned))
        return {
          json: { index, next: planned.next },
          text: [
            `Leaf ${index} is the last of this log; ${planned.next} follows it. Nothing more is released until that has begun.`,
            'Next: wait until entente status says that all is published, stop the node, then entente log retire --root FILE',
          ].join('\n'),
        }
      },
    ),
})
