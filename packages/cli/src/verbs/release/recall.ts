import type { NodeApi } from '@entente/node'
import { z } from 'zod'
import { CliError } from '../../cli-error.ts'
import { refuseExisting, writeTextFile } from '../../files.ts'
import { findRecord } from '../../find-record.ts'
import { count } from '../../text.ts'
import { defineVerb } from '../../verb.ts'
import { LeafIndex } from '../log/leaf-index.ts'

export const releaseRecallVerb = defineVerb({
  name: 'release recall',
  arguments: '[leaf]',
  purpose:
    'Take back, at once, what one release gave, or records from everybody, whichever node of the nation gave them; and keep it back whatever the policy says. Signed and logged.',
  options: [
    { flags: '--reason <text>', purpose: 'why: the recipient reads it; with --record everybody' },
    { flags: '--entry <digest>', purpose: 'only this entry of the release', repeat: true },
    {
      flags: '--record <record>',
      purpose:
        'instead of a leaf: this record, from everybody to whom it went, also where another node of the nation released it',
      repeat: true,
    },
    { flags: '--purge', purpose: 'whoever holds it must delete the bytes, and say so signed' },
    {
      flags: '--out <file>',
      purpose: 'with --record: write the word to this file as well, which anybody may carry',
    },
  ],
  example: 'release recall 41 --purge --reason "sent to the wrong office"',
  next: 'entente status says whose proof of purge is still missing',
  input: z.strictObject({
    leaf: LeafIndex.optional(),
    reason: z.string({ error: 'say why with --reason' }).min(1).max(200),
    entry: z.array(z.string()).default([]),
    record: z.array(z.string()).max(16, 'at most 16 records at once').default([]),
    purge: z.boolean().default(false),
    out: z.string().optional(),
  }),
  run: async ({ atNode }, { leaf, reason, entry, record, purge, out }) => {
    if (leaf === undefined) {
      if (record.length === 0 || entry.length > 0)
        throw new CliError(
          'USAGE',
          'name the leaf of the release, of which --entry may name entries; or records with --record',
        )
      if (out !== undefined) refuseExisting(out)
      return atNode((api) => recallRecords(api, { records: record, purge, reason }, out))
    }
    if (record.length > 0 || out !== undefined)
      throw new CliError(
        'USAGE',
        'name a leaf, or --record and --out: a leaf is what this node released to one nation, a record is taken back from all',
      )
    const recalled = await atNode((api) =>
      api.recall({ index: leaf, entries: entry, purge, reason }),
    )
    const { index, recipient, records } = recalled
    return {
      json: { ...recalled },
      text: `recalled from ${recipient}: ${count(records, 'record')} held by release ${leaf}; logged as leaf ${index}`,
    }
  },
})

async function recallRecords(
  api: NodeApi,
  { records: names, purge, reason }: Parameters<NodeApi['nationRecall']>[0],
  out: string | undefined,
) {
  const records: string[] = []
  for (const name of names) records.push(await findRecord(api, name))
  const said = await api.nationRecall({ records, purge, reason })
  const { index, nations, seal } = said
  if (out !== undefined) writeTextFile(out, `${seal}\n`)
  return {
    json: { ...said, nations: [...nations], records },
    text: [
      `recalled from everybody, by the word of ${api.nation}: ${count(records.length, 'record')}; logged as leaf ${index}`,
      `Told to ${[...nations, `the other nodes of ${api.nation}`].join(', ')}: those that are not there now hear it when they are.`,
      ...(out === undefined
        ? []
        : [`For those whom no line reaches: entente root recall --heard ${out} at any node`]),
      `It stays back until somebody lets it go again at the node that releases it: entente release allow`,
    ].join('\n'),
  }
}

export const releaseAllowVerb = defineVerb({
  name: 'release allow',
  arguments: '<record>',
  purpose: 'Let a record that was recalled go to a nation again, if the policy permits it.',
  options: [{ flags: '--to <nation>', purpose: 'the nation that it was recalled from' }],
  example: 'release allow "Cobalt, refined" --to GBR',
  next: 'entente release preview',
  input: z.strictObject({
    record: z.string(),
    to: z.string({ error: 'name the nation with --to' }),
  }),
  run: async ({ atNode }, { record, to }) => {
    const id = await atNode(async (api) => {
      const found = await findRecord(api, record)
      await api.allowAgain({ record: found, nation: to })
      return found
    })
    return { json: { record: id, nation: to }, text: `${record} may go to ${to} again` }
  },
})
