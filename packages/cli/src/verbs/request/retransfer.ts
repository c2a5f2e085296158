import { parseIsoDate } from '@entente/policy'
import { FieldName, Nation, RetransferConsent } from '@entente/schema'
import { z } from 'zod'
import { CliError } from '../../cli-error.ts'
import { findRecord } from '../../find-record.ts'
import { defineVerb } from '../../verb.ts'
import { asking, sayMade } from './asking.ts'

export const requestRetransferVerb = defineVerb({
  name: 'request retransfer',
  arguments: '<record>',
  purpose: 'Ask the originator of a record whether we may hand fields of it on to other nations.',
  options: [
    {
      flags: '--field <name>',
      purpose: 'a field to be handed on; one that names the record must be among them',
      repeat: true,
    },
    { flags: '--for <nation>', purpose: 'to whom; give it again for more', repeat: true },
    { flags: '--until <date>', purpose: 'how long' },
    { flags: '--purpose <purpose>', purpose: 'use (unless said), display or retransfer' },
    { flags: '--derived', purpose: 'also what we make of the fields' },
    ...asking.options,
  ],
  example:
    'request retransfer AN/ASQ-235 --field title --field lead_time --for NOR --until 2027-03-31 --reason "joint buy"',
  where: 'at the node of a nation that holds the record from its originator',
  next: 'entente retransfer add RECORD, once it is granted',
  input: z.strictObject({
    record: z.string(),
    field: z.array(FieldName).min(1, 'name the fields with --field'),
    for: z.array(Nation).min(1, 'name the nations with --for'),
    until: z.string({ error: 'say with --until how long' }),
    purpose: RetransferConsent.shape.purpose.default('use'),
    derived: z.boolean().default(false),
    ...asking.input,
  }),
  run: async ({ atNode, io }, { record, field, until, purpose, derived, by, reason, ...to }) => {
    const untilMs = parseIsoDate(until)
    if (untilMs === null)
      throw new CliError('USAGE', `--until ${until} is no date: write it as 2027-03-31`)
    const made = await atNode(async (api) =>
      api.requestAsk({
        ask: 'retransfer',
        record: await findRecord(api, record),
        fields: field,
        recipients: to.for,
        purpose,
        derived,
        untilMs,
        by: by ?? io.userName,
        reason,
      }),
    )
    return { json: { request: made }, text: sayMade(made) }
  },
})
