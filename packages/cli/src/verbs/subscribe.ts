import { formatSelector, Kind, Selector } from '@entente/schema'
import { z } from 'zod'
import { defineVerb, type Verb } from '../verb.ts'

const define = (action: 'subscribe' | 'unsubscribe', purpose: string, next: string): Verb =>
  defineVerb({
    name: action,
    arguments: '<dataset>',
    purpose,
    options: [
      { flags: '--from <nation>', purpose: 'the nation that holds it' },
      { flags: '--kind <kind>', purpose: 'only records of this kind, such as alert' },
      {
        flags: '--topic <topic>',
        purpose: 'only records on this topic, as entente catalogue names it',
      },
      ...(action === 'subscribe'
        ? [
            {
              flags: '--only',
              purpose:
                'instead of all that was asked of this dataset before; what stays is not sent again',
            },
          ]
        : []),
    ],
    example:
      action === 'subscribe'
        ? `${action} production --from CAN --kind capability --topic ammunition`
        : `${action} production --from CAN`,
    next,
    input: z.strictObject({
      dataset: z.string(),
      from: z.string({ error: 'name the nation with --from' }),
      kind: z
        .enum(Kind.options, { error: `name a kind with --kind: ${Kind.options.join(', ')}` })
        .optional(),
      topic: Selector.shape.topic,
      only: z.boolean().optional(),
    }),
    run: async ({ atNode }, { dataset, from, kind, topic, only }) => {
      const part = { ...(kind !== undefined && { kind }), ...(topic !== undefined && { topic }) }
      const request = { dataset, from, action, ...part, ...(only && { only: true as const }) }
      const { seq } = await atNode((api) => api.subscribe(request))
      const asked = action === 'subscribe' ? 'asked for' : 'asked no longer for'
      const what = [formatSelector(part), dataset].filter((text) => text !== '').join(' of ')
      const instead = only ? ', and for nothing else of it' : ''
      return { json: { ...request, seq }, text: `${asked} ${what} of ${from}${instead}` }
    },
  })

export const subscribeVerb = define(
  'subscribe',
  'Ask a nation, signed, for a dataset or a part of it. It decides what of it you get.',
  'entente status shows what has come',
)
export const unsubscribeVerb = define(
  'unsubscribe',
  'Ask a nation no longer for a dataset, or for a part of it that you asked for.',
  'entente status',
)
