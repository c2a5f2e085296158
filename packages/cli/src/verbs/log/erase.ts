import { z } from 'zod'
import { count } from '../../text.ts'
import { defineVerb } from '../../verb.ts'
import { LeafIndex } from './leaf-index.ts'

export const logEraseVerb = defineVerb({
  name: 'log erase',
  arguments: '<leaf...>',
  purpose:
    'Delete what leaves of the log say, where law orders it, and log that. The entries stay, and every proof holds.',
  options: [
    { flags: '--ground <text>', purpose: 'the law or the purge that asks for it' },
    { flags: '--authority <text>', purpose: 'who ordered it' },
  ],
  example:
    'log erase 41 42 --ground "Privacy Act, section 17" --authority "Data protection office"',
  next: 'entente log show LEAF says by which statement it was erased',
  input: z.strictObject({
    leaf: z.array(LeafIndex).min(1).max(10_000),
    ground: z.string({ error: 'name it with --ground' }).min(1).max(200),
    authority: z.string({ error: 'name it with --authority' }).min(1).max(200),
  }),
  run: async ({ atNode }, { leaf: leaves, ground, authority }) => {
    const { index } = await atNode((api) => api.logErase({ leaves, ground, authority }))
    return {
      json: { index, leaves, ground, authority },
      text: `erased ${count(leaves.length, 'leaf').replace('leafs', 'leaves')}; declared in leaf ${index}`,
    }
  },
})
