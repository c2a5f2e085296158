import { z } from 'zod'
import { EXIT } from '../../exit-codes.ts'
import { defineVerb } from '../../verb.ts'

export const partnerRevokeVerb = defineVerb({
  name: 'partner revoke',
  arguments: '<nation>',
  purpose: 'Cut a nation off at once, by ourselves; or take back an invitation.',
  options: [
    { flags: '--reason <text>', purpose: 'why; it stands in the release log' },
    { flags: '--confirm <nation>', purpose: 'the same name again: then it is done' },
  ],
  example: 'partner revoke CAN --reason "key lost" --confirm CAN',
  next: 'what they hold stays with them: recall it first where they can still be told.',
  input: z.strictObject({
    nation: z.string(),
    reason: z.string().min(1).max(200).default('revoked'),
    confirm: z.string().optional(),
  }),
  run: async ({ atNode }, { nation, reason, confirm }) => {
    if (confirm !== nation) {
      const shown = await atNode((api) => api.partnerShow({ nation }))
      return {
        json: { nation, revoked: false, holds: shown.sent },
        text: `${nation} (${shown.state}) holds ${shown.sent.records} records of ours, and we ${shown.received.records} of theirs. Revoked, it is hung up: it is sent nothing and nothing of it is taken in, drops and recalls included. What we hold of it stays, with its age.\nNext: the same with --confirm ${nation}`,
        exit: EXIT.waiting,
      }
    }
    await atNode((api) => api.partnerRevoke({ nation, reason }))
    return {
      json: { nation, revoked: true, reason },
      text: `${nation} is cut off. What we hold of it stays, with its age; nothing goes either way. To be partners again: entente partner invite ${nation}`,
    }
  },
})
