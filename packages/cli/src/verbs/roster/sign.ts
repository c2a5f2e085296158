import { parseRosterFile, readSigner, signRoster, unsignedBy } from '@entente/node'
import { z } from 'zod'
import { readJsonFile, writeJsonFile } from '../../files.ts'
import { defineVerb } from '../../verb.ts'

export const rosterSignVerb = defineVerb({
  name: 'roster sign',
  arguments: '<file>',
  purpose: 'Add one nation’s signature to a roster, with its root key. Works offline.',
  options: [
    { flags: '--key <file>', purpose: 'root key of the nation (PEM)' },
    { flags: '--out <file>', purpose: 'file to write (else the same one)' },
  ],
  example: 'roster sign roster.json --key NOR.root.pem',
  next: 'pass the file on to the nations that have not signed; then entente roster install FILE',
  input: z.strictObject({
    file: z.string(),
    key: z.string({ error: 'name the root key with --key' }),
    out: z.string().optional(),
  }),
  run: (_, { file, key, out = file }) => {
    const roster = signRoster(parseRosterFile(readJsonFile(file)), readSigner(key))
    writeJsonFile(out, roster)
    const unsigned = unsignedBy(roster)
    return {
      json: { file: out, signed: Object.keys(roster.signatures).sort(), unsigned },
      text:
        unsigned.length === 0
          ? `${out}: signed by all. Next: entente roster install ${out}`
          : `${out}: signed. Still to sign: ${unsigned.join(', ')}`,
    }
  },
})
