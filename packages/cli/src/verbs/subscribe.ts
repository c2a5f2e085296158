import { z } from 'zod'
import { defineVerb, type Verb } from '../verb.ts'

const define = (action: 'subscribe' | 'unsubscribe', purpose: string, next: string): Verb =>
  defineVerb({
    name: action,
    arguments: '<dataset>',
    purpose,
    options: [{ flags: '--from <nation>', purpose: 'the nation that holds it' }],
    example: `${action} production --from CAN`,
    next,
    input: z.strictObject({
      dataset: z.string(),
      from: z.string({ error: 'name the nation with --from' }),
    }),
    run: async ({ atNode }, { dataset, from }) => {
      const { seq } = await atNode((api) => api.subscribe({ dataset, from, action }))
      const asked = action === 'subscribe' ? 'asked for' : 'asked no longer for'
      return { json: { dataset, from, action, seq }, text: `${asked} ${dataset} of ${from}` }
    },
  })

export const subscribeVerb = define(
  'subscribe',
  'Ask a nation, signed, for a dataset. It decides what of it you get.',
  'entente status shows what has come',
)
export const unsubscribeVerb = define(
  'unsubscribe',
  'Ask a nation no longer for a dataset.',
  'entente status',
)
