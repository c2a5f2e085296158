import { receivedBy } from '@entente/audit'
import { RecordId } from '@entente/schema'
import { z } from 'zod'
import { formatTime } from '../../../text.ts'
import { defineVerb } from '../../../verb.ts'
import { answerQuery, instantOf, NationArgument, queryInput, queryOptions } from './answer-query.ts'

export const auditQueryReceivedVerb = defineVerb({
  name: 'audit query received',
  arguments: '<nation> <bundle...>',
  purpose: 'List what a nation was released: every put and drop, by the verified logs.',
  options: [
    ...queryOptions,
    { flags: '--record <id>', purpose: 'one record' },
    { flags: '--dataset <name>', purpose: 'one dataset' },
    { flags: '--from <day>', purpose: 'decided on this day or later, UTC' },
    { flags: '--to <day>', purpose: 'decided on this day or earlier, UTC' },
  ],
  example: 'audit query received GBR ./nor-bundle ./gbr-bundle --trust roster.json',
  next: 'entente audit query held NATION BUNDLE… --on DAY has what stood on a day.',
  input: z.strictObject({
    ...queryInput,
    nation: NationArgument,
    record: RecordId.optional(),
    dataset: z.string().optional(),
    from: instantOf('first').default(0),
    to: instantOf('last').default(Infinity),
  }),
  run: (session, { nation, record, dataset, from, to, ...given }) =>
    answerQuery(
      session,
      given,
      (audits) =>
        receivedBy(audits, nation, { record, dataset, period: { fromMs: from, toMs: to } }),
      {
        heads: ['from', 'leaf', 'decided', 'what', 'record', 'fields', 'policy', 'acknowledged'],
        cells: (row) => [
          row.sender,
          row.leaf,
          formatTime(row.atMs),
          row.op,
          row.name === null ? row.record : `${row.name} (${row.record})`,
          row.fields?.join(', ') ?? 'all',
          row.edition ?? '-',
          row.acknowledged ? 'yes' : 'no',
        ],
      },
    ),
})
