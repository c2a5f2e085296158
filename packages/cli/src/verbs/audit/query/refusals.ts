import { refusals } from '@entente/audit'
import { z } from 'zod'
import { formatTime } from '../../../text.ts'
import { defineVerb } from '../../../verb.ts'
import { answerQuery, queryInput, queryOptions } from './answer-query.ts'

export const auditQueryRefusalsVerb = defineVerb({
  name: 'audit query refusals',
  arguments: '<bundle...>',
  purpose: 'List who refused what: requests denied, and entries that a recipient did not admit.',
  options: queryOptions,
  example: 'audit query refusals ./nor-bundle ./gbr-bundle --trust roster.json',
  next: 'entente audit query overrides BUNDLE… has what people decided themselves.',
  input: z.strictObject(queryInput),
  run: (session, given) =>
    answerQuery(session, given, (audits) => refusals(audits), {
      heads: ['by', 'to', 'when', 'leaf', 'code', 'about', 'person'],
      cells: (row) => [
        row.by,
        row.to ?? '-',
        formatTime(row.atMs),
        row.leaf ?? '-',
        row.code,
        row.about,
        row.person ?? '-',
      ],
    }),
})
