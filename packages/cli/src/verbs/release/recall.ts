import { z } from 'zod'
import { findRecord } from '../../find-record.ts'
import { count } from '../../text.ts'
import { defineVerb } from '../../verb.ts'
import { LeafIndex } from '../log/leaf-index.ts'

export const releaseRecallVerb = defineVerb({
  name: 'release recall',
  arguments: '<leaf>',
  purpose:
    'Take back, at once, what one release gave, and keep it back whatever the policy says. Signed and logged.',
  options: [
    { flags: '--reason <text>', purpose: 'why: the recipient reads it' },
    { flags: '--entry <digest>', purpose: 'only this entry of the release', repeat: true },
    { flags: '--purge', purpose: 'the recipient must delete the bytes, and say so signed' },
  ],
  example: 'release recall 41 --purge --reason "sent to the wrong office"',
  next: 'entente status says whose proof of purge is still missing',
  input: z.strictObject({
    leaf: LeafIndex,
    reason: z.string({ error: 'say why with --reason' }).min(1).max(200),
    entry: z.array(z.string()).default([]),
    purge: z.boolean().default(false),
  }),
  run: async ({ atNode }, { leaf, reason, entry, purge }) => {
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
