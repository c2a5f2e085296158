import { SignedPolicy } from '@entente/policy'
import { z } from 'zod'
import { formatTable } from '../../text.ts'
import { defineVerb } from '../../verb.ts'

export const policyShowVerb = defineVerb({
  name: 'policy show',
  purpose: 'Show the policy in force.',
  example: 'policy show',
  next: 'entente why RECORD --for NATION shows it at work',
  input: z.strictObject({}),
  run: async ({ atNode, io }) => {
    const signed = await atNode((api) => api.policyShow())
    if (signed === null)
      return {
        json: { policy: null },
        text: 'no policy is in force: nothing is released to anybody',
      }
    const { policy } = SignedPolicy.parse(signed)
    const rows = policy.rules.map((row) => [
      row.id,
      row.effect,
      row.reasonCode,
      row.authority ?? '',
    ])
    return {
      json: { policy: signed },
      text: `Edition ${policy.edition} of ${policy.nation}, from ${policy.from} until ${policy.until}\n\n${formatTable(['rule', 'effect', 'reason', 'authority'], rows, io)}`,
    }
  },
})
