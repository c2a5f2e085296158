import { lockFolder, rotateIdentity } from '@entente/node'
import { z } from 'zod'
import { byRoot, rootOptions } from '../../root/by-root.ts'
import { defineVerb } from '../../verb.ts'

export const keyIdentityVerb = defineVerb({
  name: 'key identity',
  purpose:
    'Make a new network identity (peer id), which the root certifies. The node must not be running; it goes on with the old one until a roster names the new one.',
  options: rootOptions,
  example: 'key identity --root NOR.root.pem',
  next: 'a new roster: entente roster build, every nation entente roster sign, then entente roster install',
  input: z.strictObject({ root: z.string().optional(), rootCsr: z.string().optional() }),
  run: ({ folder, io }, { root, rootCsr }) =>
    byRoot(
      { folder, root, rootCsr, nowMs: io.nowMs() },
      (rootKey) => {
        using _lock = lockFolder(folder)
        return rotateIdentity(folder, rootKey)
      },
      (made) => ({
        json: { ...made },
        text: [
          `New peer id ${made.peerId}, certificate ${made.serial}: partners know the node by it once they have the roster that certifies it.`,
          `Next: build a roster with ${made.nationFilePath} under a higher --number, have every nation sign it, install it.`,
        ].join('\n'),
      }),
    ),
})
