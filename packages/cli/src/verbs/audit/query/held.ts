import { heldBy } from '@entente/audit'
import { z } from 'zod'
import { formatTime } from '../../../text.ts'
import { defineVerb } from '../../../verb.ts'
import { answerQuery, instantOf, NationArgument, queryInput, queryOptions } from './answer-query.ts'

export const auditQueryHeldVerb = defineVerb({
  name: 'audit query held',
  arguments: '<nation> <bundle...>',
  purpose:
    'List what a nation could hold at the end of a day, from the history of puts, drops and recalls.',
  options: [...queryOptions, { flags: '--on <day>', purpose: 'end of this day, UTC (else now)' }],
  example: 'audit query held GBR ./nor-bundle --on 2026-10-01 --trust roster.json',
  next: 'entente audit query received NATION BUNDLE… has how it came to that.',
  input: z.strictObject({
    ...queryInput,
    nation: NationArgument,
    on: instantOf('last').optional(),
  }),
  run: (session, { nation, on, ...given }) =>
    answerQuery(session, given, (audits) => heldBy(audits, nation, on ?? session.io.nowMs()), {
      heads: ['from', 'dataset', 'record', 'fields', 'since', 'leaf', 'policy'],
      cells: (row) => [
        row.sender,
        row.dataset,
        row.name === null ? row.record : `${row.name} (${row.record})`,
        row.fields.join(', '),
        formatTime(row.sinceMs),
        row.leaf,
        row.edition ?? '-',
      ],
    }),
})
