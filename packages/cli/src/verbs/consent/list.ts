import { z } from 'zod'
import { sayExtent } from '../../consents/consent-text.ts'
import { formatTable, formatTime } from '../../text.ts'
import { defineVerb } from '../../verb.ts'

export const consentListVerb = defineVerb({
  name: 'consent list',
  purpose: 'List the consents of other nations that we hold, and whether they count.',
  options: [{ flags: '--given', purpose: 'those that we have sent to others instead' }],
  example: 'consent list',
  next: 'entente why RECORD --for NATION says whose consent is missing',
  input: z.strictObject({ given: z.boolean().default(false) }),
  run: async ({ atNode, io }, { given }) => {
    if (given) {
      const sent = await atNode((api) => api.consentGiven())
      const cells = sent.map(({ digest, consent, withdrawnMs }) => [
        digest.slice(0, 8),
        consent.holder,
        consent.record,
        consent.fields.join(', '),
        consent.recipients.join(' '),
        formatTime(consent.until),
        withdrawnMs === null ? 'sent' : `withdrawn ${formatTime(withdrawnMs)}`,
      ])
      const names = ['consent', 'holder', 'record', 'fields', 'to', 'until', 'state']
      return {
        json: { given: sent },
        text: cells.length === 0 ? 'we have sent no consent' : formatTable(names, cells, io),
      }
    }
    const { atMs, consents } = await atNode((api) => api.consentList())
    const listed = consents.map((each) => ({
      ...each,
      state:
        each.officer === null
          ? ('not certified' as const)
          : each.consent.until <= atMs
            ? ('run out' as const)
            : ('counts' as const),
    }))
    const head = [
      'of',
      'record',
      'ours',
      'fields',
      'how',
      'to',
      'for',
      'until',
      'sealed by',
      'state',
    ]
    const rows = listed.map(({ consent, records, officer, state }) => [
      consent.nation,
      consent.record,
      records.join(' ') || '-',
      consent.fields.join(', '),
      sayExtent(consent),
      consent.recipients.join(' '),
      consent.purpose,
      formatTime(consent.until),
      officer ?? '-',
      state,
    ])
    return {
      json: { consents: listed },
      text:
        rows.length === 0
          ? 'we hold no consent of another nation: what they gave us goes home, or where its terms are free'
          : formatTable(head, rows, io),
    }
  },
})
