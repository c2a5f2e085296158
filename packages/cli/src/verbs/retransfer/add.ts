import { DatasetName } from '@entente/schema'
import { z } from 'zod'
import { findRecord } from '../../find-record.ts'
import { clean, formatTable } from '../../text.ts'
import { defineVerb } from '../../verb.ts'

export const retransferAddVerb = defineVerb({
  name: 'retransfer add',
  arguments: '<record>',
  purpose:
    'Hand a record of another nation on as it came, to whom its originator consents and our policy permits.',
  options: [
    { flags: '--dataset <name>', purpose: 'by which dataset of ours (else its name there)' },
  ],
  example: 'retransfer add AN/ASQ-235 --dataset production',
  where: 'at the node of a nation that holds the record from its originator',
  next: 'entente release preview; without a consent: entente request retransfer',
  input: z.strictObject({ record: z.string(), dataset: DatasetName.optional() }),
  run: async ({ atNode }, { record, dataset }) => {
    const added = await atNode(async (api) =>
      api.retransferAdd({ record: await findRecord(api, record), dataset }),
    )
    const to =
      added.to.length === 0
        ? `${added.originator} has consented to nobody yet: entente request retransfer`
        : `${added.originator} consents to ${added.to.join(', ')}`
    return {
      json: { retransfer: added },
      text: `${clean(added.title)} of ${added.originator} goes by ${added.dataset}; ${to}.\nNext: entente release preview`,
    }
  },
})

export const retransferRemoveVerb = defineVerb({
  name: 'retransfer remove',
  arguments: '<record>',
  purpose: 'Hand a record on no longer: it is taken back from who has it from us.',
  example: 'retransfer remove AN/ASQ-235',
  where: 'at the node of a nation that hands the record on',
  next: 'entente status',
  input: z.strictObject({ record: z.string() }),
  run: async ({ atNode }, { record }) => {
    const id = await atNode(async (api) => {
      const found = await findRecord(api, record)
      await api.retransferRemove({ record: found })
      return found
    })
    return { json: { record: id }, text: `${id} is handed on no longer.` }
  },
})

export const retransferListVerb = defineVerb({
  name: 'retransfer list',
  purpose: 'List the records of other nations that we hand on as they came, and to whom we may.',
  example: 'retransfer list',
  next: 'entente request retransfer RECORD asks for a consent',
  input: z.strictObject({}),
  run: async ({ atNode, io }) => {
    const retransfers = await atNode((api) => api.retransferList())
    const rows = retransfers.map(({ record, originator, title, dataset, to }) => [
      record,
      originator ?? 'not held now',
      title,
      dataset,
      to.join(' ') || '-',
    ])
    return {
      json: { retransfers },
      text:
        rows.length === 0
          ? 'we hand on no record of another nation'
          : formatTable(['record', 'of', 'title', 'by', 'may go to'], rows, io),
    }
  },
})
