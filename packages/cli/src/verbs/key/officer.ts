import { certifyPerson } from '@entente/node'
import { z } from 'zod'
import { byRoot, rootOptions } from '../../root/by-root.ts'
import { defineVerb } from '../../verb.ts'

export const keyOfficerVerb = defineVerb({
  name: 'key officer',
  purpose:
    'Certify a release officer, who may approve and refuse; makes the key unless it is there.',
  options: [
    { flags: '--name <name>', purpose: 'as the officer is known: nobody approves what they wrote' },
    { flags: '--key <file>', purpose: 'the officer’s key (PEM); never on the node' },
    ...rootOptions,
  ],
  example: 'key officer --name "Officer 2" --key NOR.officer-2.pem --root NOR.root.pem',
  next: 'a new roster: entente roster build, every nation entente roster sign, then entente roster install',
  input: z.strictObject({
    name: z.string({ error: 'name the officer with --name' }).min(1).max(100),
    key: z.string({ error: 'name the officer’s key with --key' }),
    root: z.string().optional(),
    rootCsr: z.string().optional(),
  }),
  run: ({ folder, io }, { name, key: keyPath, root, rootCsr }) =>
    byRoot(
      { folder, root, rootCsr, nowMs: io.nowMs(), keyPaths: [keyPath] },
      (rootKey) => certifyPerson(folder, rootKey, { role: 'release-officer', name, keyPath }),
      (made) => {
        return {
          json: { ...made },
          text: [
            `Release officer ${made.name}: ${made.keyPath}, certificate ${made.serial}`,
            'It counts once a roster that names it is installed; give the key to the officer alone.',
            `Next: build a roster with ${made.nationFilePath} under a higher --number, have every nation sign it, install it.`,
          ].join('\n'),
        }
      },
    ),
})
