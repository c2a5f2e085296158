import { z } from 'zod'
import { readConsentFile } from '../../consents/consent-file.ts'
import { sayConsent } from '../../consents/consent-text.ts'
import { count } from '../../text.ts'
import { defineVerb } from '../../verb.ts'

export const consentCheckVerb = defineVerb({
  name: 'consent check',
  arguments: '<file>',
  purpose: 'Say whose consent a file is, over what and until when, if it is good. Changes nothing.',
  example: 'consent check AUS-to-USA.consent.jws',
  where: 'at the node of the nation that may hand it on',
  next: 'entente consent install FILE',
  input: z.strictObject({ file: z.string() }),
  run: async ({ atNode }, { file }) => {
    const seal = readConsentFile(file)
    const found = await atNode((api) => api.consentCheck({ seal }))
    return {
      json: { ...found },
      text: `${sayConsent(found.consent)}\nSealed by ${found.officer} of ${found.consent.nation}. ${count(found.records.length, 'record')} of ours came from it.\nNext: entente consent install ${file}`,
    }
  },
})

export const consentInstallVerb = defineVerb({
  name: 'consent install',
  arguments: '<file>',
  purpose:
    'Take in another nation’s consent. What came from its record is decided again; policy and labels still hold.',
  example: 'consent install AUS-to-USA.consent.jws',
  where: 'at the node of the nation that may hand it on',
  next: 'entente release preview; entente why RECORD --for NATION',
  input: z.strictObject({ file: z.string() }),
  run: async ({ atNode }, { file }) => {
    const seal = readConsentFile(file)
    const found = await atNode((api) => api.consentInstall({ seal }))
    const taken =
      found.outcome === 'known'
        ? 'It was installed before.'
        : `Installed: ${count(found.records.length, 'record')} of ours ${found.records.length === 1 ? 'is' : 'are'} decided again.`
    return {
      json: { ...found },
      text: `${sayConsent(found.consent)}\n${taken}\nNext: entente release preview`,
    }
  },
})
