import { z } from 'zod'
import { readText } from '../../files.ts'
import { defineVerb } from '../../verb.ts'

export const keyRevocationVerb = defineVerb({
  name: 'key revocation',
  arguments: '<file>',
  purpose:
    'Take in a revocation that some nation’s root has signed; it counts at once, and partners are told.',
  example: 'key revocation USA.revocation',
  next: 'entente status; a roster in which that nation names another key lets its node come back',
  input: z.strictObject({ file: z.string() }),
  run: async ({ atNode }, { file }) => {
    const seals = readText(file)
      .split('\n')
      .filter((line) => line !== '')
    const taken = await atNode((api) => api.revocationTake({ seals }))
    return {
      json: { taken },
      text:
        taken.length === 0
          ? 'Nothing new: it was known, or it names a key that the roster does not name.'
          : taken
              .map(
                ({ nation, key, lastGood, reason }) =>
                  `${nation}: key ${key} is revoked ${lastGood === null ? 'altogether' : `after leaf ${lastGood}`} (${reason}).`,
              )
              .join('\n'),
    }
  },
})
