import { readFileSync } from 'node:fs'
import { answeredRoot, type Ed25519Signer, lockFolder, type RetiredLog } from '@entente/node'
import { retireLog } from '@entente/node/by-hand'
import { z } from 'zod'
import { readText } from '../../files.ts'
import { byRoot, rootOptions } from '../../root/by-root.ts'
import { defineVerb, type Outcome } from '../../verb.ts'

export const logRetireVerb = defineVerb({
  name: 'log retire',
  purpose: 'End the log and begin another under a new key. The node must not be running.',
  options: [
    ...rootOptions,
    { flags: '--signed <file>', purpose: 'answer of the root to the request of --root-csr' },
    {
      flags: '--checkpoint <file>',
      purpose: 'the largest cosigned checkpoint that anybody holds (else our own)',
    },
  ],
  example: 'log retire --root NOR.root.pem --checkpoint from-gbr.checkpoint',
  next: 'a new roster: entente roster build, every nation entente roster sign, then entente roster install',
  input: z.strictObject({
    root: z.string().optional(),
    rootCsr: z.string().optional(),
    signed: z.string().optional(),
    checkpoint: z.string().optional(),
  }),
  run: ({ folder, io }, { root, rootCsr, signed, checkpoint }) => {
    const text = checkpoint === undefined ? undefined : readFileSync(checkpoint, 'utf8')
    const retire = (by: Ed25519Signer) => {
      using _lock = lockFolder(folder)
      return retireLog(folder, by, { checkpoint: text, clock: { nowMs: Date.now } })
    }
    if (signed !== undefined) return sayRetired(retire(answeredRoot(folder, readText(signed))))
    return byRoot({ folder, root, rootCsr, nowMs: io.nowMs(), words: 2 }, retire, sayRetired)
  },
})

function sayRetired(done: RetiredLog): Outcome {
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
}

const leaves = (n: number): string => (n === 1 ? '1 leaf' : `${n} leaves`)
