import { keyBytes } from '@entente/schema'
import { z } from 'zod'
import { fingerprintWords } from '../../fingerprint.ts'
import { pairingWordsOf } from '../../pairing/pairing-text.ts'
import { formatTable } from '../../text.ts'
import { defineVerb } from '../../verb.ts'

export const partnerListVerb = defineVerb({
  name: 'partner list',
  purpose: 'List the nations that are invited, accepted, proposed, paired, paused or revoked.',
  example: 'partner list',
  next: 'entente partner show NATION',
  input: z.strictObject({}),
  run: async ({ atNode, io }) => {
    const partners = await atNode((api) => api.partnerList())
    return {
      json: { partners },
      text:
        partners.length === 0
          ? 'You have no partners yet.\nNext: entente partner invite NATION'
          : formatTable(
              ['nation', 'organisation', 'state', 'how it stands'],
              partners.map((each) => [
                each.nation,
                each.organisation ?? '',
                each.state,
                each.words,
              ]),
              io,
            ),
    }
  },
})

export const partnerShowVerb = defineVerb({
  name: 'partner show',
  arguments: '<nation>',
  purpose: 'Show all that is known of a partner: keys, endpoints, words, what goes each way.',
  example: 'partner show NOR',
  next: 'entente policy show says what it may have',
  input: z.strictObject({ nation: z.string() }),
  run: async ({ atNode }, { nation }) => {
    const shown = await atNode((api) => api.partnerShow({ nation }))
    const { organisation, state, words, code, root, peerId, endpoints, keys } = shown
    const { sent, received, connected } = shown
    const rootWords = root === null ? null : fingerprintWords(keyBytes(root))
    const pairing = code === null ? null : pairingWordsOf(code)
    const lines: readonly (readonly [string, string | null | undefined])[] = [
      ['Nation', nation],
      ['Organisation', organisation],
      ['State', `${state}: ${words}`],
      ['Six words', pairing],
      ['Root key', root],
      ['  in words', rootWords],
      ['Connected', connected ? 'yes' : 'no'],
      ['Endpoints', endpoints.join(', ') || 'none: it dials its partners'],
      ['Peer', peerId],
      ['Statements', keys?.statement],
      ['Log', keys?.log],
      ['Witness', keys?.witness],
      ['Encryption', keys?.encryption],
      ['People', keys && `${keys.authorities} authorities, ${keys.officers} officers`],
      ['We share', `${sent.records} records, ${sent.fields} fields`],
      ['They share', `${received.records} records, ${received.fields} fields`],
    ]
    return {
      json: { ...shown, words: pairing, rootWords, how: words },
      text: lines
        .filter(([, value]) => value !== null && value !== undefined)
        .map(([name, value]) => `${`${name}:`.padEnd(15)}${value}`)
        .join('\n'),
    }
  },
})
