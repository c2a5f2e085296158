import { readSigner, rotateKey } from '@entente/node'
import { z } from 'zod'
import { defineVerb } from '../../verb.ts'

export const keyRotateVerb = defineVerb({
  name: 'key rotate',
  purpose: 'Make a new statement key, which the root certifies from a later leaf on.',
  options: [
    { flags: '--root <file>', purpose: 'root key of the nation (PEM)' },
    { flags: '--from <leaf>', purpose: 'first leaf of the new key (else 10,000 ahead)' },
    {
      flags: '--now',
      purpose: 'from the next leaf on: the old key is lost or stolen, and the node is stopped',
    },
  ],
  example: 'key rotate --root NOR.root.pem',
  next: 'a new roster: entente roster build, every nation entente roster sign, then entente roster install',
  input: z.strictObject({
    root: z.string({ error: 'name the root key with --root' }),
    from: z.coerce.number().int().min(0).optional(),
    now: z.literal(true).optional(),
  }),
  run: ({ folder }, { root, from, now }) => {
    const made = rotateKey(folder, readSigner(root), { from: now === true ? 'head' : from })
    return {
      json: { ...made },
      text: [
        `New statement key ${made.serial}: ${made.keyPath}`,
        `It signs from leaf ${made.from} on, once a roster that certifies it is installed; until then nothing changes.`,
        `Next: build a roster with ${made.nationFilePath} under a higher --number, have every nation sign it, install it.`,
      ].join('\n'),
    }
  },
})
