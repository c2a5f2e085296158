import { formatLabel } from '@entente/schema'
import { z } from 'zod'
import { formatAggregate } from '../../aggregate-text.ts'
import { formatTable, formatTime } from '../../text.ts'
import { defineVerb } from '../../verb.ts'

export const aggregateShowVerb = defineVerb({
  name: 'aggregate show',
  purpose:
    'Show what stands of the aggregates: each cell with its value, label, record, and since when.',
  example: 'aggregate show',
  next: 'entente why RECORD --for NATION says who gets it',
  input: z.strictObject({}),
  run: async ({ atNode, io }) => {
    const standing = await atNode((api) => api.aggregateShow())
    const rows = standing.map((each) => [
      each.aggregate,
      each.cell,
      formatAggregate(each.value),
      each.contributors,
      each.label === null ? '-' : formatLabel(each.label),
      formatTime(each.atMs),
      each.edition,
      each.status === 'active' ? each.record : `${each.record} (${each.status} by hand)`,
    ])
    const head = [
      'aggregate',
      'cell',
      'value',
      'contributors',
      'label',
      'since',
      'edition',
      'record',
    ]
    return {
      json: { standing },
      text:
        rows.length === 0
          ? 'nothing stands: entente aggregate preview says what would'
          : formatTable(head, rows, io),
    }
  },
})
