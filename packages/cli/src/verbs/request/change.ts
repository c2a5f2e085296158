import { z } from 'zod'
import { CliError } from '../../cli-error.ts'
import { parseFields } from '../../fields.ts'
import { findRecord } from '../../find-record.ts'
import { defineVerb } from '../../verb.ts'
import { asking, sayMade } from './asking.ts'

export const requestChangeVerb = defineVerb({
  name: 'request change',
  arguments: '<record>',
  purpose:
    'Suggest to the originator of a record that a field say something else. The originator takes it in, with your name, or not.',
  options: [{ flags: '--set <field>', purpose: 'name=text or name:=JSON' }, ...asking.options],
  example: 'request change MK-58 --set supplier="Nordic Works" --reason "their letter of 3 May"',
  where: 'at the node of a nation that holds the record from its originator',
  next: 'entente request list says when the answer is due',
  input: z.strictObject({
    record: z.string(),
    set: z.string({ error: 'say with --set what it should say' }),
    ...asking.input,
  }),
  run: async ({ atNode, io }, { record, set, by, reason }) => {
    const [[field, value] = []] = Object.entries(parseFields([set]))
    if (field === undefined || value === undefined)
      throw new CliError('FIELD_FORM', `${set} is not name=text or name:=JSON`)
    const made = await atNode(async (api) =>
      api.requestAsk({
        ask: 'change',
        record: await findRecord(api, record),
        field,
        value,
        by: by ?? io.userName,
        reason,
      }),
    )
    return { json: { request: made }, text: sayMade(made) }
  },
})
