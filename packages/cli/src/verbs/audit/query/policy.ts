import { releasedUnder } from '@entente/audit'
import { z } from 'zod'
import { formatTime } from '../../../text.ts'
import { defineVerb } from '../../../verb.ts'
import { answerQuery, queryInput, queryOptions } from './answer-query.ts'

export const auditQueryPolicyVerb = defineVerb({
  name: 'audit query policy',
  arguments: '<edition> <bundle...>',
  purpose: 'List the releases that were decided under one edition of a nation’s policy.',
  options: queryOptions,
  example: 'audit query policy 1 ./nor-bundle --trust roster.json',
  next: 'entente audit verify BUNDLE… --trust roster.json names who signed each edition.',
  input: z.strictObject({
    ...queryInput,
    edition: z.coerce.number({ error: 'is not the number of an edition' }).int().min(1),
  }),
  run: (session, { edition, ...given }) =>
    answerQuery(session, given, (audits) => releasedUnder(audits, edition), {
      heads: ['nation', 'leaf', 'decided', 'to', 'dataset', 'effect', 'entries', 'plan'],
      cells: (row) => [
        row.nation,
        row.leaf,
        formatTime(row.atMs),
        row.recipient,
        row.dataset,
        row.effect,
        row.entries,
        row.plan ?? '-',
      ],
    }),
})
