import { z } from 'zod'
import { formatTime } from '../../text.ts'
import { defineVerb } from '../../verb.ts'

export const logEvidenceVerb = defineVerb({
  name: 'log evidence',
  purpose:
    'Show partners’ logs that have signed two histories: both checkpoints, for anybody to check.',
  example: 'log evidence',
  next: 'hand both notes and the key to whom it concerns; nothing of that log is admitted any more.',
  input: z.strictObject({}),
  run: async ({ atNode }) => {
    const evidence = await atNode((api) => api.logEvidence())
    const text = evidence.map(({ nation, origin, logKey, size, first, second, foundAtMs }) =>
      [
        `${nation}: ${origin} has two histories of size ${size}, found ${formatTime(foundAtMs)}.`,
        'Both notes are signed by its key; their third lines, the roots, differ:',
        logKey,
        '',
        first,
        second,
      ].join('\n'),
    )
    return {
      json: { evidence },
      text: text.length === 0 ? 'No log is known to have two histories.' : text.join('\n'),
    }
  },
})
