import type { ShownRecord } from '@entente/node'
import { formatLabel, isAsReceived, termsIn } from '@entente/schema'
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
  where: 'in the demo, at the USA’s node',
  next: 'entente why RECORD --for NATION says who gets what of it',
  input: z.strictObject({ record: z.string() }),
  run: async ({ atNode, io }, { record }) => {
    const shown = await atNode(async (api) => api.recordShow(await findRecord(api, record)))
    const fields = Object.entries(shown.fields).map(([name, field]) => [
      name,
      formatValue(field.value),
      field.label === undefined ? field.authority : formatLabel(field.label),
      remarkOn(field),
    ])
    const { envelope } = shown
    const about =
      envelope === undefined
        ? []
        : [
            `source ${envelope.source.document}${envelope.source.row === undefined ? '' : `, row ${envelope.source.row}`}`,
            ...(envelope.reviewBy === undefined ? [] : [`review by ${envelope.reviewBy}`]),
            ...(envelope.jurisdiction ?? []).map(({ regime, code }) => `${regime} ${code ?? ''}`),
            ...(envelope.derivedFrom ?? []).map(
              ({ record: from, originator }) => `derived from ${from} of ${originator}`,
            ),
          ]
    return {
      json: { record: shown },
      text: [
        ...(shown.banner === '' ? [] : [shown.banner]),
        formatRows([shown], io),
        ...(about.length > 0 ? [about.join('; ')] : []),
        '',
        formatTable(['field', 'value', 'label or authority', ''], fields, io),
      ].join('\n'),
    }
  },
})

/** What else a reader must know of a field. */
function remarkOn({ value, asGiven, terms, conflict }: ShownRecord['fields'][string]): string {
  return [
    conflict ? 'edited apart: entente record conflicts' : '',
    asGiven === undefined ? '' : `given as ${asGiven}`,
    ...(terms === undefined
      ? []
      : [
          ...termsIn(terms).map(
            ({ originator, onward_release }) =>
              `of ${originator}, onward release: ${onward_release}`,
          ),
          isAsReceived({ value, terms }) ? 'as it came' : 'changed or combined since it came',
        ]),
  ]
    .filter((remark) => remark !== '')
    .join('; ')
}
