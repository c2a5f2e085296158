import { readSigner } from '@entente/node'
import { Nation, RecordId, sealRootRecall } from '@entente/schema'
import { z } from 'zod'
import { CliError } from '../../cli-error.ts'
import { readText, refuseExisting, writeTextFile } from '../../files.ts'
import { count } from '../../text.ts'
import { defineVerb } from '../../verb.ts'

export const rootRecallVerb = defineVerb({
  name: 'root recall',
  purpose:
    'Have the root take records back from everybody, also when the node that released them is frozen, lost or away.',
  options: [
    { flags: '--root <file>', purpose: 'root key of the nation (PEM)' },
    { flags: '--nation <nation>', purpose: 'the nation whose root it is' },
    { flags: '--record <id>', purpose: 'a record of that nation', repeat: true },
    { flags: '--purge', purpose: 'whoever holds it must delete the bytes, and say so signed' },
    {
      flags: '--reason <text>',
      purpose: 'why; everybody reads it, so say nothing of what is in it',
    },
    { flags: '--out <file>', purpose: 'write it to this file, which anybody may carry' },
    {
      flags: '--heard <file>',
      purpose:
        'take such a file, or one of release recall --out, in at this node: it counts, and is told on',
    },
  ],
  example: `root recall --root AUS.root.pem --nation AUS --record urn:entente:${'a'.repeat(32)} --purge --reason "laptop stolen" --out AUS.recall`,
  next: 'entente root recall --heard AUS.recall at any node, also one of a partner',
  input: z.strictObject({
    root: z.string().optional(),
    nation: Nation.optional(),
    record: z.array(RecordId).max(16).default([]),
    purge: z.boolean().default(false),
    reason: z.string().min(1).max(200).optional(),
    out: z.string().optional(),
    heard: z.string().optional(),
  }),
  run: async ({ atNode, io }, { root, nation, record, purge, reason, out, heard }) => {
    if (heard !== undefined) {
      if (root !== undefined || out !== undefined)
        throw new CliError('USAGE', 'name --heard alone: to sign and to take in are two steps')
      const seals = readText(heard)
        .split('\n')
        .filter((line) => line !== '')
      const taken = await atNode((api) => api.rootRecallTake({ seals }))
      return {
        json: { taken },
        text:
          taken.length === 0
            ? 'Nothing new: it was known.'
            : taken
                .map(
                  ({ recall, origin }) =>
                    `${origin === null ? 'The root' : 'A node'} of ${recall.nation} has recalled ${count(recall.records.length, 'record')} (${recall.reason}). Partners are told.`,
                )
                .join('\n'),
      }
    }
    if (root === undefined || nation === undefined || out === undefined)
      throw new CliError(
        'USAGE',
        'name --root, --nation and --out; or a file to take in with --heard',
      )
    if (record.length === 0) throw new CliError('USAGE', 'name the records with --record')
    if (reason === undefined) throw new CliError('USAGE', 'say why with --reason')
    refuseExisting(out)
    const said = { nation, records: record, purge, reason, at: io.nowMs() }
    const seal = sealRootRecall(said, readSigner(root).sign)
    writeTextFile(out, `${seal}\n`)
    return {
      json: { file: out, ...said },
      text: [
        `${out} recalls ${count(record.length, 'record')} of ${nation} from everybody. It cannot be taken back.`,
        `Next: entente root recall --heard ${out} at any node that runs, of ${nation} or of a partner: they tell one another.`,
        `At ${nation} it stays back until somebody lets it go again: entente release allow`,
      ].join('\n'),
    }
  },
})
