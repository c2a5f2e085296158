import { formatLabel } from '@entente/schema'
import { z } from 'zod'
import { findRecord } from '../../find-record.ts'
import { formatRows } from '../../rows.ts'
import { formatTable } from '../../text.ts'
import { formatValue } from '../../value.ts'
import { defineVerb } from '../../verb.ts'

export const recordShowVerb = defineVerb({
  name: 'record show',
  arguments: '<record>',
  purpose: 'Show one record, own or released to us: each field with its label or authority.',
  example: 'record show AN/ASQ-235',
  next: 'entente why RECORD --for NATION says who gets what of it',
  input: z.strictObject({ record: z.string() }),
  run: async ({ atNode, io }, { record }) => {
    const shown = await atNode(async (api) => api.recordShow(await findRecord(api, record)))
    const fields = Object.entries(shown.fields).map(([name, { value, authority, label }]) => [
      name,
      formatValue(value),
      label === undefined ? authority : formatLabel(label),
    ])
    return {
      json: { record: shown },
      text: `${shown.banner === '' ? '' : `${shown.banner}\n`}${formatRows([shown], io)}\n\n${formatTable(['field', 'value', 'label or authority'], fields, io)}`,
    }
  },
})
