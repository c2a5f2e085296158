import { subscriptions } from '@entente/audit'
import { z } from 'zod'
import { formatTime } from '../../../text.ts'
import { defineVerb } from '../../../verb.ts'
import { answerQuery, queryInput, queryOptions } from './answer-query.ts'

/** In words; the empty text stands for all of the dataset. */
const partOf = (part: string): string => part || 'all of it'

export const auditQuerySubscriptionsVerb = defineVerb({
  name: 'audit query subscriptions',
  arguments: '<bundle...>',
  purpose: 'List who asked whom for what, and no longer, by the logs of those who asked.',
  options: queryOptions,
  example: 'audit query subscriptions ./nor-bundle ./gbr-bundle --trust roster.json',
  next: 'entente audit query catalogues BUNDLE… has what was offered to them.',
  input: z.strictObject(queryInput),
  run: (session, given) =>
    answerQuery(session, given, (audits) => subscriptions(audits), {
      heads: ['by', 'to', 'leaf', 'when', 'dataset', 'says', 'part', 'asks for from then on'],
      cells: (row) => [
        row.by,
        row.to,
        row.leaf,
        formatTime(row.atMs),
        row.dataset,
        `${row.action}${row.only ? ' only' : ''}`,
        partOf(row.part),
        row.after.map(partOf).join('; ') || 'nothing',
      ],
    }),
})
