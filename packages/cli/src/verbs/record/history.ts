import type { HistoryRow } from '@entente/node'
import { z } from 'zod'
import { findRecord } from '../../find-record.ts'
import { count, formatTable, formatTime } from '../../text.ts'
import { formatValue } from '../../value.ts'
import { defineVerb } from '../../verb.ts'

export const recordHistoryVerb = defineVerb({
  name: 'record history',
  arguments: '<record>',
  purpose: 'Show who changed which fields of an own record, when and why, change by change.',
  options: [{ flags: '--values', purpose: 'with what the fields held after each change' }],
  example: 'record history MK-58',
  where: 'in the demo, at the USA’s node',
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
      [
        h.reason,
        ...(h.widenedBy === undefined ? [] : [`(label signed by ${h.widenedBy})`]),
        ...(h.suggestedBy === undefined ? [] : [`(suggested by ${h.suggestedBy})`]),
      ].join(' '),
      values ? valuesOf(h) : h.fields.join(', '),
    ])
    const table = formatTable(['n', 'at', 'author', 'reason', 'fields'], rows, io)
    const kept = history.filter(({ compacted }) => compacted).length
    const remark = `\n${count(kept, 'change')} kept when the ledger was compacted; what else was changed before is gone`
    return { json: { history }, text: kept > 0 ? table + remark : table }
  },
})

const valuesOf = ({ fields, values }: HistoryRow): string =>
  fields
    .map((name) => (name in values ? `${name}: ${formatValue(values[name] ?? null)}` : name))
    .join('; ')
