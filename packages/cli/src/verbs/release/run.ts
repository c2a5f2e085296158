import { z } from 'zod'
import { count } from '../../text.ts'
import { defineVerb } from '../../verb.ts'

const SHOWN = 6

export const releaseRunVerb = defineVerb({
  name: 'release run',
  purpose: 'Release exactly a plan that was previewed; anything else is refused.',
  options: [{ flags: '--plan <digest>', purpose: 'digest that preview printed' }],
  example: 'release run --plan 2jmj7l5rSw0yVb_vlWAYkK_YBwkMJ2eyRcMqDV2DkjA',
  next: 'entente status shows which partners have verified it',
  input: z.strictObject({ plan: z.string({ error: 'take it from entente release preview' }) }),
  run: async ({ atNode, progress }, { plan }) => {
    const done = await atNode((api) => api.run({ plan }, progress))
    return {
      json: { ...done },
      text: `released: ${count(done.puts, 'put')} and ${count(done.drops, 'drop')} in ${count(done.statements, 'statement')}, ${sayLeaves(done.leaves)}\nNext: entente status${takeBack(done.leaves)}`,
    }
  },
})

const sayLeaves = (leaves: readonly number[]): string =>
  leaves.length === 0
    ? 'in the log'
    : `${leaves.length === 1 ? 'leaf' : 'leaves'} ${leaves.slice(0, SHOWN).join(', ')}${leaves.length > SHOWN ? ', …' : ''} of the log`

const takeBack = ([leaf]: readonly number[]): string =>
  leaf === undefined ? '' : `\nThen: entente release recall ${leaf} would take it back`
