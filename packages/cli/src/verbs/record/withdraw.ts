import { z } from 'zod'
import { findRecord } from '../../find-record.ts'
import { clean } from '../../text.ts'
import { defineVerb } from '../../verb.ts'

export const recordWithdrawVerb = defineVerb({
  name: 'record withdraw',
  arguments: '<record>',
  purpose: 'Withdraw an own record; partners who hold it are told to drop it.',
  options: [
    { flags: '--author <name>', purpose: 'who withdraws it (else the user)' },
    { flags: '--reason <text>', purpose: 'why' },
  ],
  example: 'record withdraw MK-58 --reason "line closed"',
  where: 'in the demo, at the USA’s node',
  next: 'entente status shows which partners have confirmed the drop',
  input: z.strictObject({
    record: z.string(),
    author: z.string().min(1).optional(),
    reason: z.string({ error: 'say why with --reason' }).min(1),
  }),
  run: async ({ atNode, io }, { record, author = io.userName, reason }) => {
    const { id, before, withdrawn } = await atNode(async (api) => {
      const id = await findRecord(api, record, { own: true })
      const before = (await api.recordShow(id)).status
      const again = before === 'withdrawn'
      return {
        id,
        before,
        withdrawn: again ? null : await api.recordWithdraw({ id, author, reason }),
      }
    })
    return withdrawn === null
      ? { json: { id, status: before }, text: `${clean(id)} was withdrawn already` }
      : { json: { record: withdrawn }, text: `withdrew ${clean(withdrawn.id)}` }
  },
})
