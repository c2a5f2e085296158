import { compilePolicy, PolicyDocument } from '@entente/policy'
import { z } from 'zod'
import { issuesOf, readPolicyFile } from '../../authority-file.ts'
import { EXIT } from '../../exit-codes.ts'
import { formatIssues } from '../../issue-text.ts'
import { clean, count } from '../../text.ts'
import { defineVerb } from '../../verb.ts'

export const policyCheckVerb = defineVerb({
  name: 'policy check',
  arguments: '<file>',
  purpose:
    'Check a policy (YAML or JSON) and run its tests; names file, line, row and field of what is wrong. Works offline.',
  example: 'policy check examples/policies/NOR.json',
  next: 'entente policy diff FILE, then entente policy sign FILE --key NOR.authority.pem',
  input: z.strictObject({ file: z.string() }),
  run: ({ io }, { file }) => {
    const read = readPolicyFile(file)
    const issues = issuesOf(read)
    if (issues.length > 0)
      return {
        json: { ok: false, issues },
        text: formatIssues(issues, io),
        exit: EXIT.unverified,
      }
    const policy = PolicyDocument.parse(read.document)
    const { nation, edition, digest } = compilePolicy(policy)
    const tests = policy.tests.length
    return {
      json: { ok: true, issues, nation, edition, digest, tests },
      text: [
        `${clean(file)}: nothing is wrong, its tests pass`,
        `edition ${edition} of ${nation}, ${count(policy.rules.length, 'row')}, ${count(tests, 'test')}, digest ${digest}`,
      ].join('\n'),
      exit: EXIT.done,
    }
  },
})
