import { catalogues } from '@entente/audit'
import { z } from 'zod'
import { formatTime } from '../../../text.ts'
import { defineVerb } from '../../../verb.ts'
import { answerQuery, queryInput, queryOptions } from './answer-query.ts'

export const auditQueryCataloguesVerb = defineVerb({
  name: 'audit query catalogues',
  arguments: '<bundle...>',
  purpose: 'List who asked for whose catalogue, and what each nation was offered, line by line.',
  options: queryOptions,
  example: 'audit query catalogues ./nor-bundle ./gbr-bundle --trust roster.json',
  next: 'entente audit query subscriptions BUNDLE… has what was asked for then.',
  input: z.strictObject(queryInput),
  run: (session, given) =>
    answerQuery(session, given, (audits) => catalogues(audits), {
      heads: ['by', 'to', 'leaf', 'when', 'what', 'dataset', 'kinds', 'topics', 'policy'],
      cells: (row) => [
        row.by,
        row.to,
        row.leaf,
        formatTime(row.atMs),
        row.what,
        row.dataset ?? '-',
        row.kinds.join(', ') || '-',
        row.topics.join(', ') || '-',
        row.edition ?? '-',
      ],
    }),
})
