import { z } from 'zod'
import { filterOf, pickInput, pickItems, pickOptions } from '../../approvals/pick-items.ts'
import { formatItems } from '../../approvals/queue-text.ts'
import { untilOf } from '../../approvals/speak.ts'
import { CliError } from '../../cli-error.ts'
import { count, formatTime } from '../../text.ts'
import { defineVerb } from '../../verb.ts'

export const releaseHoldVerb = defineVerb({
  name: 'release hold',
  arguments: '[id...]',
  purpose: 'Put values that wait aside until a day: nothing goes, and nobody is reminded before.',
  options: [
    { flags: '--until <date>', purpose: 'day on which they wait again' },
    { flags: '--reason <text>', purpose: 'why' },
    ...pickOptions,
  ],
  example: 'release hold 3f9a1c20 --until 2027-01-15 --reason "asked the maker"',
  next: 'entente release queue',
  input: z.strictObject({
    ...pickInput,
    until: z.string({ error: 'say until when with --until, such as 2027-03-31' }),
    reason: z.string({ error: 'say why with --reason' }).min(1).max(1000),
  }),
  run: async ({ atNode, io }, { until, reason, ...pick }) => {
    const untilMs = untilOf(until, null)
    if (untilMs <= io.nowMs()) throw new CliError('USAGE', `--until ${until} is not in the future`)
    const queue = await atNode((api) => api.approvalQueue(filterOf(pick)))
    const { items, shown } = pickItems(queue, pick)
    if (shown)
      return {
        json: { done: false, selected: items.length, items },
        text: `${formatItems(items, io)}\n\n${count(items.length, 'value')} selected.${items.length === 0 ? '' : `\nNext: the same with --confirm ${items.length}`}`,
      }
    if (items.length === 0) return { json: { done: false, held: 0 }, text: 'nothing is selected' }
    const ids = items.map(({ id }) => id)
    const { held } = await atNode((api) => api.approvalHold({ ids, untilMs, reason }))
    return {
      json: { done: true, held, untilMs },
      text: `${count(held, 'value')} put aside until ${formatTime(untilMs)}\nNext: entente release queue`,
    }
  },
})
