import { overrides } from '@entente/audit'
import { z } from 'zod'
import { formatTime } from '../../../text.ts'
import { defineVerb } from '../../../verb.ts'
import { answerQuery, queryInput, queryOptions } from './answer-query.ts'

export const auditQueryOverridesVerb = defineVerb({
  name: 'audit query overrides',
  arguments: '<bundle...>',
  purpose: 'List what people approved or refused themselves, and who signed.',
  options: queryOptions,
  example: 'audit query overrides ./nor-bundle --trust roster.json',
  next: 'entente audit query refusals BUNDLE… has what was refused by rule as well.',
  input: z.strictObject(queryInput),
  run: (session, given) =>
    answerQuery(session, given, (audits) => overrides(audits), {
      heads: ['nation', 'leaf', 'when', 'decision', 'about', 'person', 'certificate'],
      cells: (row) => [
        row.nation,
        row.leaf,
        formatTime(row.atMs),
        row.decision,
        row.about,
        row.person,
        row.serial ?? '-',
      ],
    }),
})
