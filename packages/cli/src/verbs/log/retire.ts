import { readFileSync } from 'node:fs'
import { lockFolder, readSigner, retireLog } from '@entente/node'
import { z } from 'zod'
import { defineVerb } from '../../verb.ts'

export const logRetireVerb = defineVerb({
  name: 'log retire',
  purpose: 'End the log and begin another under a new key. The node must not be running.',
  options: [
    { flags: '--root <file>', purpose: 'root key of the nation (PEM)' },
    {
      flags: '--checkpoint <file>',
      purpose: 'the largest cosigned checkpoint that anybody holds (else our own)',
    },
  ],
  example: 'log retire --root NOR.root.pem --checkpoint from-gbr.checkpoint',
  next: 'a new roster: entente roster build, every nation entente roster sign, then entente roster install',
  input: z.strictObject({
    root: z.string({ error: 'name the root key with --root' }),
    checkpoint: z.string().optional(),
  }),
  run: ({ folder }, { root, checkpoint }) => {
    using _lock = lockFolder(folder)
    const text = checkpoint === undefined ? undefined : readFileSync(checkpoint, 'utf8')
    const done = retireLog(folder, readSigner(root), {
      checkpoint: text,
      clock: { nowMs: Date.now },
    })
    const { ended } = done
    const lost = ended.lost.reduce((sum, [first, last]) => sum + last - first + 1, 0)
    return {
      json: { ...done },
      text: [
        `${ended.origin} has ended at ${leaves(ended.size)}${done.planned ? ', as planned' : ''}; ${done.origin} has begun.`,
        lost === 0
          ? 'No cosigned leaf is lost.'
          : `${leaves(lost)} lost, and declared so: ${ended.lost.map(([first, last]) => `${first} to ${last}`).join(', ')}. Auditors report them apart.`,
        ...(done.uncosigned > 0
          ? [`${leaves(done.uncosigned)} that no quorum had cosigned ended with it.`]
          : []),
        'Everything is decided and released anew; the old log stays here for auditors: entente audit export DIR --log ' +
          ended.epoch,
        `Next: build a roster with ${done.nationFilePath} under a higher --number, have every nation sign it, install it.`,
      ].join('\n'),
    }
  },
})

const leaves = (n: number): string => (n === 1 ? '1 leaf' : `${n} leaves`)
