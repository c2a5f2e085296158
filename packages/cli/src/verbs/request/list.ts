import { z } from 'zod'
import { sayAsked, sayState } from '../../requests/request-text.ts'
import { formatTable, formatTime, red } from '../../text.ts'
import { defineVerb } from '../../verb.ts'

export const requestListVerb = defineVerb({
  name: 'request list',
  purpose: 'List what we asked of other nations and they of us, with the clocks of the answers.',
  options: [
    { flags: '--open', purpose: 'only what has no answer yet' },
    { flags: '--mine', purpose: 'only what we asked' },
    { flags: '--theirs', purpose: 'only what was asked of us' },
  ],
  example: 'request list --open',
  next: 'entente request show N, then request answer N',
  input: z.strictObject({
    open: z.boolean().default(false),
    mine: z.boolean().default(false),
    theirs: z.boolean().default(false),
  }),
  run: async ({ atNode, io }, { open, mine, theirs }) => {
    const { requests } = await atNode((api) => api.requestList())
    const listed = requests.filter(
      ({ side, answer }) =>
        (!open || answer === null) &&
        (mine === theirs || (mine && side === 'mine') || (theirs && side === 'theirs')),
    )
    const rows = listed.map((each) => {
      const state = sayState(each)
      return [
        each.id,
        each.side === 'mine' ? `we of ${each.nation}` : `${each.nation} of us`,
        sayAsked(each),
        each.body?.by ?? '-',
        formatTime(each.askedMs),
        each.overdue ? red(state, io) : state,
      ]
    })
    return {
      json: { requests: listed },
      text:
        rows.length === 0
          ? 'no requests'
          : formatTable(['n', 'who', 'asks to', 'by', 'asked', 'state'], rows, io),
    }
  },
})
