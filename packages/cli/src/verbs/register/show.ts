import { type Consent, SignedRegister } from '@entente/policy'
import { z } from 'zod'
import { formatTable } from '../../text.ts'
import { defineVerb } from '../../verb.ts'

export const registerShowVerb = defineVerb({
  name: 'register show',
  purpose:
    'Show the register: who may have what under which agreement, and by which supplier’s consent, until when.',
  example: 'register show',
  next: 'entente why RECORD --for NATION names the agreement that comes nearest',
  input: z.strictObject({}),
  run: async ({ atNode, io }) => {
    const signed = await atNode((api) => api.registerShow())
    if (signed === null)
      return {
        json: { register: null },
        text: 'there is no register of agreements: tagged records go to nobody',
      }
    const { register } = SignedRegister.parse(signed)
    const rows = register.agreements.map((agreement) => [
      agreement.id,
      agreement.type,
      agreement.parties.map(({ nation }) => nation).join(' '),
      (agreement.items ?? [])
        .map(({ regime, codes }) => [regime, ...(codes ?? [])].join(' '))
        .join(', '),
      agreement.ceiling,
      agreement.effective,
      agreement.revoked === undefined ? agreement.expires : `revoked ${agreement.revoked}`,
    ])
    const head = ['agreement', 'type', 'parties', 'items', 'up to', 'from', 'until']
    const consents = (register.consents ?? []).map((consent) => [
      consent.id,
      consent.supplier,
      consent.recipients.join(' '),
      [...(consent.kinds ?? []), ...(consent.fields ?? [])].join(' ') || 'all',
      consent.roles?.join(' ') ?? 'every role',
      consent.effective,
      endOf(consent),
    ])
    const consentHead = ['consent', 'supplier', 'for', 'of', 'roles', 'from', 'until']
    const tables = [
      ...(rows.length > 0 ? [formatTable(head, rows, io)] : []),
      ...(consents.length > 0 ? [formatTable(consentHead, consents, io)] : []),
    ]
    return {
      json: { register: signed },
      text: `Edition ${register.edition} of the register of ${register.nation}, from ${register.from} until ${register.until}\n\n${tables.join('\n\n')}`,
    }
  },
})

const endOf = ({ expires, revoked, withdrawn }: Consent): string =>
  withdrawn !== undefined
    ? `withdrawn ${withdrawn.from}`
    : revoked !== undefined
      ? `revoked ${revoked}`
      : expires
