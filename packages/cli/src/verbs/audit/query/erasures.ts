import { erasures } from '@entente/audit'
import { z } from 'zod'
import { formatTime } from '../../../text.ts'
import { defineVerb } from '../../../verb.ts'
import { answerQuery, queryInput, queryOptions } from './answer-query.ts'

export const auditQueryErasuresVerb = defineVerb({
  name: 'audit query erasures',
  arguments: '<bundle...>',
  purpose: 'List the erasures that nations have declared: which leaves, why, by whose order.',
  options: queryOptions,
  example: 'audit query erasures ./nor-bundle --trust roster.json',
  next: 'a leaf that is closed without such a statement is a finding of audit verify.',
  input: z.strictObject(queryInput),
  run: (session, given) =>
    answerQuery(session, given, (audits) => erasures(audits), {
      heads: ['nation', 'leaf', 'when', 'erased leaves', 'ground', 'authority'],
      cells: (row) => [
        row.nation,
        row.leaf,
        formatTime(row.atMs),
        row.erased.join(', '),
        row.ground,
        row.authority,
      ],
    }),
})
