import { rotateKey } from '@entente/node'
import { z } from 'zod'
import { byRoot, rootOptions } from '../../root/by-root.ts'
import { defineVerb } from '../../verb.ts'

export const keyRotateVerb = defineVerb({
  name: 'key rotate',
  purpose: 'Make a new statement key, which the root certifies from a later leaf on.',
  options: [
    ...rootOptions,
    { flags: '--from <leaf>', purpose: 'first leaf of the new key (else 10,000 ahead)' },
    {
      flags: '--now',
      purpose: 'from the next leaf on: the old key is lost or stolen, and the node is stopped',
    },
  ],
  example: 'key rotate --root NOR.root.pem',
  next: 'a new roster: entente roster build, every nation entente roster sign, then entente roster install',
  input: z.strictObject({
    root: z.string().optional(),
    rootCsr: z.string().optional(),
    from: z.coerce.number().int().min(0).optional(),
    now: z.literal(true).optional(),
  }),
  run: ({ folder, io }, { root, rootCsr, from, now }) =>
    byRoot(
      { folder, root, rootCsr, nowMs: io.nowMs() },
      (rootKey) => rotateKey(folder, rootKey, { from: now === true ? 'head' : from }),
      (made) => {
        return {
          json: { ...made },
          text: [
            `New statement key ${made.serial}: ${made.keyPath}`,
            `It signs from leaf ${made.from} on, once a roster that certifies it is installed; until then nothing changes.`,
            `Next: build a roster with ${made.nationFilePath} under a higher --number, have every nation sign it, install it.`,
          ].join('\n'),
        }
      },
    ),
})
