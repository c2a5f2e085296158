import { buildRoster, quorumFor, verifyEd25519 } from '@entente/node'
import { z } from 'zod'
import { readJsonFile, refuseExisting, writeJsonFile } from '../../files.ts'
import { defineVerb } from '../../verb.ts'

export const rosterBuildVerb = defineVerb({
  name: 'roster build',
  arguments: '<file...>',
  purpose: 'Gather nation files into a roster, with all nations as witnesses.',
  options: [
    { flags: '--out <file>', purpose: 'roster to write (else roster.json)' },
    { flags: '--number <n>', purpose: 'counts up with every roster (else 1)' },
    { flags: '--quorum <k>', purpose: 'cosignatures a release needs (else the smallest safe one)' },
    { flags: '--exercise <text>', purpose: 'mark the roster as one of an exercise' },
  ],
  example: 'roster build GBR.nation.json NOR.nation.json --out roster.json',
  next: 'every nation signs it: entente roster sign roster.json --key NOR.root.pem',
  input: z.strictObject({
    file: z.array(z.string()),
    out: z.string().default('roster.json'),
    number: z.coerce.number().int().min(1).default(1),
    quorum: z.coerce.number().int().min(1).optional(),
    exercise: z.string().optional(),
  }),
  run: (_, { file, out, number, quorum, exercise }) => {
    refuseExisting(out)
    const options = {
      number,
      ...(quorum !== undefined && { quorum }),
      ...(exercise !== undefined && { exercise }),
    }
    const roster = buildRoster(file.map(readJsonFile), options, verifyEd25519)
    writeJsonFile(out, roster)
    const nations = roster.nations.map(({ nation }) => nation)
    const needed = roster.witnessPolicy.quorum
    const weak =
      nations.length > 1 && (needed < 2 || needed < quorumFor(nations.length))
        ? '\nWith this quorum a log that shows two histories is detected, not prevented.'
        : ''
    return {
      json: { file: out, nations, number, quorum: needed, unsigned: nations },
      text: `${out}: ${nations.join(', ')}; ${
        nations.length === 1
          ? 'alone: there is nobody to release to, nor to cosign.'
          : `a release needs ${needed} of ${nations.length - 1} cosignatures.`
      }${weak}\nNext: each nation runs entente roster sign ${out} --key NATION.root.pem`,
    }
  },
})
