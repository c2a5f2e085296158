import { z } from 'zod'
import { relationWords } from '../../relation-words.ts'
import { clean } from '../../text.ts'
import { defineVerb } from '../../verb.ts'

const said = {
  author: z.string().min(1).optional(),
  reason: z.string({ error: 'say why with --reason' }).min(1),
}
const saidOptions = [
  { flags: '--author <name>', purpose: 'who decides (else the user)' },
  { flags: '--reason <text>', purpose: 'why' },
] as const

export const aliasLinkVerb = defineVerb({
  name: 'alias link',
  arguments: '<name>',
  purpose:
    'Decide that a name is the same party as another, part of it, or takes part in it. No record is merged; it can be taken back.',
  options: [
    { flags: '--to <name>', purpose: 'the other name, as it is spelt' },
    { flags: '--as <relation>', purpose: 'same-party (else), part-of or takes-part' },
    ...saidOptions,
  ],
  example: 'alias link "Raytheon CO" --to Raytheon --reason "same CAGE code"',
  where: 'in the demo, at the USA’s node',
  next: 'entente alias list',
  input: z.strictObject({
    name: z.string(),
    to: z.string({ error: 'name the other with --to' }),
    as: z.enum(['same-party', 'part-of', 'takes-part']).default('same-party'),
    ...said,
  }),
  run: async ({ atNode, io }, { name, to, as: relation, author = io.userName, reason }) => {
    const records = await atNode((api) =>
      api.aliasDecide({ name, relation, other: to, author, reason }),
    )
    return { json: { records }, text: `${clean(name)} ${relationWords[relation]} ${clean(to)}` }
  },
})

export const aliasRefuseVerb = defineVerb({
  name: 'alias refuse',
  arguments: '<name>',
  purpose: 'Decide that two names are different parties: they are not suggested again.',
  options: [{ flags: '--other <name>', purpose: 'the other name, as it is spelt' }, ...saidOptions],
  example: 'alias refuse "RAYTHEON SYSTEMS LTD" --other Raytheon --reason "a British company"',
  where: 'in the demo, at the USA’s node',
  next: 'entente alias suggest',
  input: z.strictObject({
    name: z.string(),
    other: z.string({ error: 'name the other with --other' }),
    ...said,
  }),
  run: async ({ atNode, io }, { name, other, author = io.userName, reason }) => {
    const records = await atNode((api) =>
      api.aliasDecide({ name, relation: 'distinct', other, author, reason }),
    )
    return { json: { records }, text: `${clean(name)} ${relationWords.distinct} ${clean(other)}` }
  },
})

export const aliasUnlinkVerb = defineVerb({
  name: 'alias unlink',
  arguments: '<name>',
  purpose: 'Take back whatever was decided between two names.',
  options: [{ flags: '--from <name>', purpose: 'the other name, as it is spelt' }, ...saidOptions],
  example: 'alias unlink "Raytheon CO" --from Raytheon --reason "another CAGE code"',
  where: 'in the demo, at the USA’s node',
  next: 'entente alias list',
  input: z.strictObject({
    name: z.string(),
    from: z.string({ error: 'name the other with --from' }),
    ...said,
  }),
  run: async ({ atNode, io }, { name, from, author = io.userName, reason }) => {
    const records = await atNode((api) => api.aliasUndo({ name, other: from, author, reason }))
    return {
      json: { records },
      text: `what was decided between ${clean(name)} and ${clean(from)} is taken back`,
    }
  },
})
