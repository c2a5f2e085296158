import { z } from 'zod'
import { clean, formatTime } from '../../text.ts'
import { defineVerb } from '../../verb.ts'
import { LeafIndex } from './leaf-index.ts'

export const logShowVerb = defineVerb({
  name: 'log show',
  arguments: '<index>',
  purpose: 'Show one leaf of the release log: what was signed, when, and the salt that opens it.',
  example: 'log show 0',
  next: 'entente log prove INDEX',
  input: z.strictObject({ index: LeafIndex }),
  run: async ({ atNode }, { index }) => {
    const leaf = await atNode((api) => api.logShow(index))
    const { kind, atMs, feed, seq, entry, salt, hash, published, jws, payload, erased } = leaf
    const lines = [
      `Leaf ${index}: ${kind}, ${formatTime(atMs)}, ${published ? 'published' : 'waits for witnesses'}`,
      ...(feed === null ? [] : [`feed       ${clean(feed)}, statement ${seq}`]),
      `entry      ${entry}`,
      `statement  ${hash} (SHA-256, base64url)`,
      ...(jws === null
        ? [
            'erased: the statement and its salt are gone, the entry stays',
            ...(erased === null
              ? ['no leaf of the log declares it']
              : [
                  `by leaf ${erased.index}, ordered by ${clean(erased.authority)}: ${clean(erased.ground)}`,
                ]),
          ]
        : [`salt       ${salt}`, ...JSON.stringify(payload, null, 2).split('\n').map(clean), jws]),
    ]
    return { json: { ...leaf }, text: lines.join('\n') }
  },
})
