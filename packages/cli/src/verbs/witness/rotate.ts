import { lockFolder, rotateWitness } from '@entente/node'
import { z } from 'zod'
import { byRoot, rootOptions } from '../../root/by-root.ts'
import { defineVerb } from '../../verb.ts'

export const witnessRotateVerb = defineVerb({
  name: 'witness rotate',
  purpose:
    'Make a new witness key and certify it, when the old one may have forgotten what it cosigned. The node must not be running; it goes on with the old key until a roster names the new one.',
  options: rootOptions,
  example: 'witness rotate --root NOR.root.pem',
  next: 'entente roster build with the new nation file and the next --number; all sign; roster install',
  input: z.strictObject({ root: z.string().optional(), rootCsr: z.string().optional() }),
  run: ({ folder, io }, { root, rootCsr }) =>
    byRoot(
      { folder, root, rootCsr, nowMs: io.nowMs() },
      (rootKey) => {
        using _lock = lockFolder(folder)
        return rotateWitness(folder, rootKey)
      },
      ({ nationFilePath, witnessKey }) => {
        return {
          json: { nationFile: nationFilePath, witnessKey },
          text: `New witness key: ${witnessKey}\n${nationFilePath} certifies it: it goes into the next roster (roster build --number N, signed by all). The node takes the key when that roster is installed.`,
        }
      },
    ),
})
