import { resolve } from 'node:path'
import { initRoot, mustBeNew } from '@entente/node'
import { toHex } from '@entente/schema'
import { z } from 'zod'
import { fingerprintWords } from '../../fingerprint.ts'
import { defineVerb } from '../../verb.ts'

export const rootInitVerb = defineVerb({
  name: 'root init',
  purpose:
    'Make the root key of a nation, on a computer without network; encrypted under a passphrase.',
  options: [
    { flags: '--nation <code>', purpose: 'ISO 3166-1 alpha-3 code' },
    { flags: '--keys <dir>', purpose: 'where the key goes (else this folder)' },
    { flags: '--plain-keys', purpose: 'leave it unencrypted; only for exercises' },
  ],
  example: 'root init --nation GBR --keys /media/safe',
  next: 'at the node: entente init --nation GBR --root-csr gbr.csr; here: entente root sign gbr.csr --root GBR.root.pem',
  input: z.strictObject({
    nation: z.string({ error: 'name it with --nation, such as NOR' }),
    keys: z.string().default('.'),
    plainKeys: z.literal(true).optional(),
  }),
  run: ({ say }, { nation, keys, plainKeys }) => {
    const passphrase = plainKeys === true ? null : mustBeNew(`the root key of ${nation}`)
    const { rootKeyPath, root } = initRoot({ nation, keysDir: resolve(keys), passphrase })
    if (passphrase === null)
      say('The root key lies unencrypted: whoever copies the file speaks for the nation.')
    const words = fingerprintWords(root)
    return {
      json: { nation, rootKeyPath, root: toHex(root), words, encrypted: passphrase !== null },
      text: [
        `Root key of ${nation}: ${rootKeyPath}`,
        `Fingerprint:     ${words}`,
        'Keep the key and a copy of it offline, in two places; partners compare the six words by voice.',
        `Next: bring a request here: entente root sign FILE --root ${rootKeyPath}`,
      ].join('\n'),
    }
  },
})
