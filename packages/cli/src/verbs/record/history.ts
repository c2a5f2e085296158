import { z } from 'zod'
import { findRecord } from '../../find-record.ts'
import { formatTable, formatTime } from '../../text.ts'
import { defineVerb } from '../../verb.ts'

export const recordHistoryVerb = defineVerb({
  name: 'record history',
  arguments: '<record>',
  purpose: 'Show who changed which fields of an own record, when and why.',
  example: 'record history MK-58',
  next: 'entente record show RECORD',
  input: z.strictObject({ record: z.string() }),
  run: async ({ atNode, io }, { record }) => {
    const history = await atNode(async (api) =>
      api.recordHistory(await findRecord(api, record, { own: true })),
    )
    const rows = history.map((h) => [formatTime(h.atMs), h.author, h.reason, h.fields.join(', ')])
    return { json: { history }, text: formatTable(['at', 'author', 'reason', 'fields'], rows, io) }
  },
})
