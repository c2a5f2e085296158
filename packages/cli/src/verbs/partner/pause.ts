import { z } from 'zod'
import { defineVerb, type Verb } from '../../verb.ts'

const define = (paused: boolean, purpose: string, next: string): Verb => {
  const verb = paused ? 'pause' : 'resume'
  return defineVerb({
    name: `partner ${verb}`,
    arguments: '<nation>',
    purpose,
    example: `partner ${verb} NOR`,
    next,
    input: z.strictObject({ nation: z.string() }),
    run: async ({ atNode }, { nation }) => {
      await atNode((api) => api.partnerPause({ nation, paused }))
      return { json: { nation, paused }, text: `${nation} is ${verb}d` }
    },
  })
}

export const partnerPauseVerb = define(
  true,
  'Send a nation nothing new. Drops and recalls still go.',
  'entente partner resume NATION',
)
export const partnerResumeVerb = define(false, 'Send to a paused nation again.', 'entente status')
