import { unacknowledged } from '@entente/audit'
import { z } from 'zod'
import { formatTime } from '../../../text.ts'
import { defineVerb } from '../../../verb.ts'
import { answerQuery, queryInput, queryOptions } from './answer-query.ts'

export const auditQueryUnacknowledgedVerb = defineVerb({
  name: 'audit query unacknowledged',
  arguments: '<bundle...>',
  purpose: 'List statements that the nation they name has not acknowledged.',
  options: queryOptions,
  example: 'audit query unacknowledged ./nor-bundle ./gbr-bundle --trust roster.json --anyway',
  next: 'a release without acknowledgement is a finding of the joint audit: --anyway lists it.',
  input: z.strictObject(queryInput),
  run: (session, given) =>
    answerQuery(session, given, (audits) => unacknowledged(audits), {
      heads: ['from', 'to', 'leaf', 'when', 'kind', 'in', 'number'],
      cells: (row) => [
        row.sender,
        row.recipient,
        row.leaf,
        formatTime(row.atMs),
        row.kind,
        row.subject ?? 'control feed',
        row.seq,
      ],
    }),
})
