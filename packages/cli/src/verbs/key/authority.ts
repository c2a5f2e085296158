import { certifyPerson } from '@entente/node'
import { z } from 'zod'
import { byRoot, rootOptions } from '../../root/by-root.ts'
import { defineVerb } from '../../verb.ts'

export const keyAuthorityVerb = defineVerb({
  name: 'key authority',
  purpose:
    'Certify one more policy authority, who signs policies and registers; makes the key unless it is there.',
  options: [
    { flags: '--name <name>', purpose: 'who it is' },
    { flags: '--key <file>', purpose: 'the authority’s key (PEM); never on the node' },
    ...rootOptions,
  ],
  example: 'key authority --name "Authority 2" --key NOR.authority-2.pem --root NOR.root.pem',
  next: 'a new roster: entente roster build, every nation entente roster sign, then entente roster install',
  input: z.strictObject({
    name: z.string({ error: 'name the authority with --name' }).min(1).max(100),
    key: z.string({ error: 'name the authority’s key with --key' }),
    root: z.string().optional(),
    rootCsr: z.string().optional(),
  }),
  run: ({ folder, io }, { name, key: keyPath, root, rootCsr }) =>
    byRoot(
      { folder, root, rootCsr, nowMs: io.nowMs(), keyPaths: [keyPath] },
      (rootKey) => certifyPerson(folder, rootKey, { role: 'policy-authority', name, keyPath }),
      (made) => {
        return {
          json: { ...made },
          text: [
            `Policy authority ${made.name}: ${made.keyPath}, certificate ${made.serial}`,
            'Until that roster is installed put nothing in force that one authority alone has signed: auditors count the new one from now on.',
            'It counts once a roster that names it is installed; from then on two authorities sign what lets more go than before.',
            `Next: build a roster with ${made.nationFilePath} under a higher --number, have every nation sign it, install it.`,
          ].join('\n'),
        }
      },
    ),
})
