import { z } from 'zod'
import { sayRequest } from '../../requests/request-text.ts'
import { defineVerb } from '../../verb.ts'

export const requestShowVerb = defineVerb({
  name: 'request show',
  arguments: '<n>',
  purpose:
    'Show one request: what is asked, its clocks, and of one asked of us what policy lets go, or the suggested value beside ours.',
  example: 'request show 3',
  next: 'entente request answer N --grant, --merge or --refuse',
  input: z.strictObject({ n: z.coerce.number().int().min(1) }),
  run: async ({ atNode }, { n }) => {
    const shown = await atNode((api) => api.requestShow({ id: n }))
    return { json: { ...shown }, text: sayRequest(shown) }
  },
})
