import { buildRoster, preventsSplit, verifyEd25519 } from '@entente/node'
import { NeutralWitness } from '@entente/schema'
import { z } from 'zod'
import { readJsonFile, refuseExisting, writeJsonFile } from '../../files.ts'
import { defineVerb } from '../../verb.ts'

/** `NAME,VKEY,URL`; neither name nor key holds a comma. */
const Neutral = z.string().transform((text, context) => {
  const [name = '', key = '', ...url] = text.split(',')
  const parsed = NeutralWitness.safeParse({ name, key, url: url.join(',') })
  if (parsed.success) return parsed.data
  context.addIssue({ code: 'custom', message: `${text} is not NAME,VKEY,URL of a witness` })
  return z.NEVER
})

export const rosterBuildVerb = defineVerb({
  name: 'roster build',
  arguments: '<file...>',
  purpose: 'Gather nation files into a roster, with all nations as witnesses.',
  options: [
    { flags: '--out <file>', purpose: 'roster to write (else roster.json)' },
    { flags: '--number <n>', purpose: 'counts up with every roster (else 1)' },
    { flags: '--quorum <k>', purpose: 'cosignatures a release needs (else the smallest safe one)' },
    {
      flags: '--witness <name,vkey,url>',
      purpose: 'a neutral witness besides the nations, asked over HTTP',
      repeat: true,
    },
    {
      flags: '--pending-quorum',
      purpose: 'send what widens ahead of its quorum, closed, and its key with the quorum',
    },
    {
      flags: '--courier-days <days>',
      purpose: 'bundles carried by hand may be so long on their way (else they widen nothing)',
    },
    {
      flags: '--answers <seconds>',
      purpose: 'requests are answered so long after the next full period of it (else 3600)',
    },
    { flags: '--exercise <text>', purpose: 'mark the roster as one of an exercise' },
  ],
  example: 'roster build GBR.nation.json NOR.nation.json --out roster.json',
  next: 'every nation signs it: entente roster sign roster.json --key NOR.root.pem',
  input: z.strictObject({
    file: z.array(z.string()),
    out: z.string().default('roster.json'),
    number: z.coerce.number().int().min(1).default(1),
    quorum: z.coerce.number().int().min(1).optional(),
    witness: z.array(Neutral).default([]),
    pendingQuorum: z.boolean().default(false),
    courierDays: z.coerce.number().int().min(1).max(365).optional(),
    answers: z.coerce.number().min(0.1).max(86_400).optional(),
    exercise: z.string().optional(),
  }),
  run: (_, input) => {
    const { file, out, number, quorum, witness: neutral, pendingQuorum, exercise, answers } = input
    refuseExisting(out)
    const options = {
      number,
      neutral,
      pendingQuorum,
      ...(quorum !== undefined && { quorum }),
      ...(exercise !== undefined && { exercise }),
      ...(input.courierDays !== undefined && { courierMs: input.courierDays * 86_400_000 }),
      ...(answers !== undefined && { answerMs: Math.round(answers * 1000) }),
    }
    const roster = buildRoster(file.map(readJsonFile), options, verifyEd25519)
    writeJsonFile(out, roster)
    const nations = roster.nations.map(({ nation }) => nation)
    const needed = roster.witnessPolicy.quorum
    const counted = nations.length - 1 + neutral.length
    const weak =
      nations.length > 1 && !preventsSplit(needed, counted)
        ? '\nWith this quorum a log that shows two histories is detected, not prevented.'
        : ''
    return {
      json: { file: out, nations, number, quorum: needed, unsigned: nations },
      text: `${out}: ${nations.join(', ')}; ${
        nations.length === 1
          ? 'alone: there is nobody to release to, nor to cosign.'
          : `a release needs ${needed} of ${counted} cosignatures.`
      }${weak}\nNext: each nation runs entente roster sign ${out} --key NATION.root.pem`,
    }
  },
})
