import { parseRosterFile, readSigner, signRoster, unsignedBy } from '@entente/node'
import { z } from 'zod'
import { EXIT } from '../../exit-codes.ts'
import { readJsonFile, writeJsonFile } from '../../files.ts'
import { changesOf, rosterInForce } from '../../pairing/edition-text.ts'
import { defineVerb } from '../../verb.ts'

export const rosterSignVerb = defineVerb({
  name: 'roster sign',
  arguments: '<file>',
  purpose:
    'Show what a roster changes, and add one nation’s signature with its root key once you say so. Works offline.',
  options: [
    { flags: '--key <file>', purpose: 'root key of the nation (PEM)' },
    {
      flags: '--in-force <file>',
      purpose: 'roster to compare it with (else the one of this folder, if it has one)',
    },
    { flags: '--yes', purpose: 'sign without asking' },
    { flags: '--out <file>', purpose: 'file to write (else the same one)' },
  ],
  example: 'roster sign roster.json --key NOR.root.pem --in-force old-roster.json',
  next: 'pass the file on to the nations that have not signed; then entente roster install FILE',
  input: z.strictObject({
    file: z.string(),
    key: z.string({ error: 'name the root key with --key' }),
    inForce: z.string().optional(),
    yes: z.literal(true).optional(),
    out: z.string().optional(),
  }),
  run: async ({ folder, io, json, say }, { file, key, inForce, yes, out = file }) => {
    const draft = parseRosterFile(readJsonFile(file))
    const before =
      inForce === undefined ? rosterInForce(folder) : parseRosterFile(readJsonFile(inForce))
    const { lines } = changesOf(before, draft)
    // Before it is signed, and apart from the answer: this is for whoever decides.
    for (const line of lines) say(line)
    if (before === null)
      say('No roster to compare it with: all of it is new. --in-force FILE names one.')
    if (yes !== true && (await io.confirm('Sign it?')) !== true)
      return {
        json: { file: null, changes: lines },
        text: json
          ? ''
          : 'Nothing was signed. At a terminal you are asked; else the same command with --yes signs it.',
        exit: EXIT.waiting,
      }
    const roster = signRoster(draft, readSigner(key))
    writeJsonFile(out, roster)
    const unsigned = unsignedBy(roster)
    return {
      json: { file: out, signed: Object.keys(roster.signatures).sort(), unsigned, changes: lines },
      text:
        unsigned.length === 0
          ? `${out}: signed by all. Next: entente roster install ${out}`
          : `${out}: signed. Still to sign: ${unsigned.join(', ')}`,
    }
  },
})
