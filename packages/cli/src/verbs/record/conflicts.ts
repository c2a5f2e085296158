import { formatLabel } from '@entente/schema'
import { z } from 'zod'
import { findRecord } from '../../find-record.ts'
import { clean, count, formatTable, formatTime } from '../../text.ts'
import { formatValue } from '../../value.ts'
import { defineVerb } from '../../verb.ts'

export const recordConflictsVerb = defineVerb({
  name: 'record conflicts',
  arguments: '[record]',
  purpose:
    'Show fields that two nodes of the nation edited apart: both values, who wrote each, and the label until somebody chooses.',
  example: 'record conflicts',
  next: 'entente record resolve RECORD FIELD --take N',
  input: z.strictObject({ record: z.string().optional() }),
  run: async ({ atNode, io }, { record }) => {
    const conflicts = await atNode(async (api) =>
      api.recordConflicts(
        record === undefined ? {} : { id: await findRecord(api, record, { own: true }) },
      ),
    )
    const parts = conflicts.flatMap(({ id, title, fields }) =>
      fields.map(({ field, candidates, label }) => {
        const rows = candidates.map((each, i) => [
          i + 1,
          each.value === null ? '(taken out)' : formatValue(each.value),
          each.label === null ? '' : formatLabel(each.label),
          each.author,
          each.atMs === null ? '' : formatTime(each.atMs),
          each.reason,
        ])
        const until = label === null ? '' : `, ${formatLabel(label)} until somebody chooses`
        return `${clean(title)} (${id}): ${field}${until}\n${formatTable(['take', 'value', 'label', 'author', 'at', 'reason'], rows, io)}`
      }),
    )
    return {
      json: { conflicts },
      text:
        parts.length === 0
          ? 'no field waits for a person to choose'
          : `${count(parts.length, 'field')} of own records edited apart\n\n${parts.join('\n\n')}`,
    }
  },
})
