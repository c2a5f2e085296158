import { lockFolder, readSigner, rotateWitness } from '@entente/node'
import { z } from 'zod'
import { defineVerb } from '../../verb.ts'

export const witnessRotateVerb = defineVerb({
  name: 'witness rotate',
  purpose:
    'Make a new witness key and certify it, when the old one may have forgotten what it cosigned. The node must not be running; it goes on with the old key until a roster names the new one.',
  options: [{ flags: '--root <file>', purpose: 'root key of the nation (PEM)' }],
  example: 'witness rotate --root NOR.root.pem',
  next: 'entente roster build with the new nation file and the next --number; all sign; roster install',
  input: z.strictObject({ root: z.string({ error: 'name the root key with --root' }) }),
  run: ({ folder }, { root }) => {
    using _lock = lockFolder(folder)
    const { nationFilePath, witnessKey } = rotateWitness(folder, readSigner(root))
    return {
      json: { nationFile: nationFilePath, witnessKey },
      text: `New witness key: ${witnessKey}\n${nationFilePath} certifies it: it goes into the next roster (roster build --number N, signed by all). The node takes the key when that roster is installed.`,
    }
  },
})
