import { FieldName, Nation } from '@entente/schema'
import { z } from 'zod'
import { findRecord } from '../../find-record.ts'
import { defineVerb } from '../../verb.ts'
import { asking, sayMade } from './asking.ts'

export const requestReleaseVerb = defineVerb({
  name: 'request release',
  arguments: '[record]',
  purpose:
    'Ask a nation to release something to us: a record that we have a part of, or what --about describes.',
  options: [
    { flags: '--from <nation>', purpose: 'who is asked (else the originator of the record)' },
    { flags: '--field <name>', purpose: 'only this field; else whatever may go', repeat: true },
    { flags: '--about <text>', purpose: 'what is asked for, where we know no record' },
    ...asking.options,
  ],
  example: 'request release --from USA --about "lead time of MK-58" --reason "gap G-4"',
  next: 'entente request list says when the answer is due',
  input: z.strictObject({
    record: z.string().optional(),
    from: Nation.optional(),
    field: z.array(FieldName).default([]),
    about: z.string().min(1).max(1000).optional(),
    ...asking.input,
  }),
  run: async ({ atNode, io }, { record, from, field, about, by, reason }) => {
    const made = await atNode(async (api) =>
      api.requestAsk({
        ask: 'release',
        to: from,
        record: record === undefined ? null : await findRecord(api, record),
        about: about ?? null,
        fields: field,
        by: by ?? io.userName,
        reason,
      }),
    )
    return { json: { request: made }, text: sayMade(made) }
  },
})
