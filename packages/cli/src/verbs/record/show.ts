import type { ShownRecord } from '@entente/node'
import { type Reader, readable } from '@entente/policy'
import { formatLabel, isAsReceived, Kind, parseLabel, termsIn } from '@entente/schema'
import { z } from 'zod'
import { findRecord } from '../../find-record.ts'
import { readerInput, readerOf, readerOptions } from '../../reader-options.ts'
import { formatRows } from '../../rows.ts'
import { formatTable } from '../../text.ts'
import { formatValue } from '../../value.ts'
import { defineVerb } from '../../verb.ts'

export const recordShowVerb = defineVerb({
  name: 'record show',
  arguments: '<record>',
  purpose:
    'Show one record, own or released to us: each field with its label or authority, and the roles that may read it.',
  options: readerOptions,
  example: 'record show AN/ASQ-235',
  where: 'in the demo, at the USA’s node',
  next: 'entente why RECORD --for NATION says who gets what of it',
  input: z.strictObject({ record: z.string(), ...readerInput }),
  run: async ({ atNode, io }, { record, as, supplier }) => {
    const all = await atNode(async (api) => api.recordShow(await findRecord(api, record)))
    const shown = shownTo(readerOf(as, supplier), all)
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

/** What of it a reader may see; null: somebody to whom nothing is closed. */
function shownTo(reader: Reader | null, record: ShownRecord): ShownRecord {
  if (reader === null) return record
  const { id, fields } = record
  const banner = parseLabel(record.banner)
  const label = banner.ok ? banner.label : null
  const kind = Kind.parse(record.kind)
  return { ...record, fields: readable(reader, { id, kind, banner: label, fields }) }
}

/** What else a reader must know of a field. */
function remarkOn(field: ShownRecord['fields'][string]): string {
  const { value, asGiven, terms, conflict, roles } = field
  return [
    conflict ? 'edited apart: entente record conflicts' : '',
    roles === undefined ? '' : `only for ${roles.join(', ')}`,
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
