import { z } from 'zod'
import { CliError } from '../../cli-error.ts'
import { formatDocument } from '../../joint/joint-text.ts'
import { defineVerb } from '../../verb.ts'

export const jointVoteVerb = defineVerb({
  name: 'joint vote',
  arguments: '<document>',
  purpose:
    'Say, signed, what this nation holds of a joint document as it stands now. It counts until the document is changed.',
  options: [
    { flags: '--endorse', purpose: 'it is right as it is' },
    { flags: '--object', purpose: 'it is not' },
    { flags: '--withdraw', purpose: 'take the last word back' },
    { flags: '--head <hash>', purpose: 'refuse if it is not this any more', repeat: true },
  ],
  example: 'joint vote 7Q2b --endorse',
  where: 'at a node that has such a document',
  next: 'entente joint show DOCUMENT',
  input: z.strictObject({
    document: z.string(),
    endorse: z.boolean().default(false),
    object: z.boolean().default(false),
    withdraw: z.boolean().default(false),
    head: z.array(z.string()).default([]),
  }),
  run: async ({ atNode, io }, { document: id, endorse, object, withdraw, head }) => {
    const said = [endorse && 'endorse', object && 'object', withdraw && 'withdraw'] as const
    const [choice, ...others] = said.filter((each) => each !== false)
    if (choice === undefined || others.length > 0)
      throw new CliError('USAGE', 'say one of --endorse, --object and --withdraw')
    const document = await atNode((api) =>
      api.jointVote({ document: id, choice, ...(head.length > 0 && { heads: head }) }),
    )
    return { json: { document }, text: formatDocument(document, io) }
  },
})
