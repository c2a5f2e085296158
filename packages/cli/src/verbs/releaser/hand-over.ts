import { z } from 'zod'
import { count } from '../../text.ts'
import { defineVerb } from '../../verb.ts'

export const releaserHandOverVerb = defineVerb({
  name: 'releaser hand-over',
  arguments: '<dataset>',
  purpose:
    'Hand a dataset over to another node of the nation, which alone releases it from then on.',
  options: [{ flags: '--to <node>', purpose: 'name or peer id of the other node' }],
  example: 'releaser hand-over production --to "Forward office"',
  where: 'a nation with several releasing nodes',
  next: 'entente status at the other node: what is permitted goes from there',
  input: z.strictObject({
    dataset: z.string(),
    to: z.string({ error: 'name the other node with --to' }),
  }),
  run: async ({ atNode }, request) => {
    const made = await atNode((api) => api.releaserHandOver(request))
    const { nations, to } = made
    return {
      json: { ...made },
      text: [
        `${request.dataset} is released by ${to} from here on; ${count(nations.length, 'nation')} told${nations.length === 0 ? '' : `: ${nations.join(', ')}`}`,
        'What this node gave stays shown until the feed of the other node takes its place.',
        'The other node takes it once it is in reach and has a policy in force.',
      ].join('\n'),
    }
  },
})
