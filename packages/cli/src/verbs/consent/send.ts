import { z } from 'zod'
import { readConsentFile } from '../../consents/consent-file.ts'
import { sayConsent } from '../../consents/consent-text.ts'
import { defineVerb } from '../../verb.ts'

export const consentSendVerb = defineVerb({
  name: 'consent send',
  arguments: '<file>',
  purpose: 'Send a consent that an officer of ours has sealed to its holder, signed and logged.',
  example: 'consent send AUS-to-USA.consent.jws',
  where: 'at the node of the nation that consents',
  next: 'entente consent withdraw takes it back',
  input: z.strictObject({ file: z.string() }),
  run: async ({ atNode }, { file }) => {
    const seal = readConsentFile(file)
    const sent = await atNode((api) => api.consentSend({ seal }))
    return {
      json: { ...sent },
      text: `${sayConsent(sent.consent)}\nSent to ${sent.consent.holder} as ${sent.digest.slice(0, 8)}.`,
    }
  },
})

export const consentWithdrawVerb = defineVerb({
  name: 'consent withdraw',
  arguments: '<consent>',
  purpose:
    'Withdraw a consent that we have sent, for good. Its holder and those it names are told at once, and let go what rests on it.',
  example: 'consent withdraw 3f9a1c20',
  where: 'at the node of the nation that has consented',
  next: 'entente status',
  input: z.strictObject({ consent: z.string().min(4) }),
  run: async ({ atNode }, { consent }) => {
    const given = await atNode((api) => api.consentWithdraw({ consent }))
    return { json: { ...given }, text: `Withdrawn: ${sayConsent(given.consent)}` }
  },
})
