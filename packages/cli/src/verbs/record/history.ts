import type { HistoryRow } from '@entente/node'
import { z } from 'zod'
import { findRecord } from '../../find-record.ts'
import { formatTable, formatTime } from '../../text.ts'
import { formatValue } from '../../value.ts'
import { defineVerb } from '../../verb.ts'

export const recordHistoryVerb = defineVerb({
  name: 'record history',
  arguments: '<record>',
  purpose: 'Show who changed which fields of an own record, when and why, change by change.',
  options: [{ flags: '--values', purpose: 'with what the fields held after each change' }],
  example: 'record history MK-58',
  next: 'entente record restore RECORD --to N',
  input: z.strictObject({ record: z.string(), values: z.boolean().default(false) }),
  run: async ({ atNode, io }, { record, values }) => {
    const history = await atNode(async (api) =>
      api.recordHistory(await findRecord(api, record, { own: true })),
    )
    const rows = history.map((h, i) => [
      i + 1,
      formatTime(h.atMs),
      h.author,
      h.widenedBy === undefined ? h.reason : `${h.reason} (label signed by ${h.widenedBy})`,
      values ? valuesOf(h) : h.fields.join(', '),
    ])
    return {
      json: { history },
      text: formatTable(['n', 'at', 'author', 'reason', 'fields'], rows, io),
    }
  },
})

const valuesOf = ({ fields, values }: HistoryRow): string =>
  fields
    .map((name) => (name in values ? `${name}: ${formatValue(values[name] ?? null)}` : name))
    .join('; ')
