import { z } from 'zod'
import { readPolicyFile, soundDocument } from '../../authority-file.ts'
import { comparePolicies } from '../../policy-compare.ts'
import { formatDiff, sayVerdict } from '../../policy-diff-text.ts'
import { defineVerb } from '../../verb.ts'

export const policyDiffVerb = defineVerb({
  name: 'policy diff',
  arguments: '<file...>',
  purpose:
    'Show who would gain and who would lose which fields of which records, before a policy is signed. OLD NEW compares two files; one file is compared with the policy in force. Without a node it asks only what the policies themselves can tell apart.',
  options: [{ flags: '--all', purpose: 'name every change, not only the first ones' }],
  example: 'policy diff NOR.1.yaml NOR.2.yaml',
  next: 'entente policy sign FILE --key NOR.authority.pem',
  input: z.strictObject({
    file: z.array(z.string()).max(2, 'name one file, or two: OLD NEW'),
    all: z.boolean().default(false),
  }),
  run: async (session, { file, all }) => {
    const policies = file.map((each) => soundDocument(readPolicyFile(each)))
    const after = policies.at(-1)
    if (after === undefined) throw new TypeError('commander asks for a file')
    const [before] = policies.length === 2 ? policies : []
    const compared = { after, ...(before !== undefined && { before }) }
    const comparison = await comparePolicies(session, compared)
    const { answer, offline } = comparison
    const { before: old, after: fresh, nation } = answer
    const head =
      old === null
        ? `Edition ${fresh.edition} of ${nation}, beside no policy at all.`
        : `Edition ${fresh.edition} of ${nation}, beside edition ${old.edition}.`
    return {
      json: { ...answer, offline },
      text: [
        head,
        formatDiff(comparison, session.io, all),
        sayVerdict(comparison, session.io),
      ].join('\n\n'),
    }
  },
})
