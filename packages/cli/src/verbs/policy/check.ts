import { checkPolicy } from '@entente/policy'
import { z } from 'zod'
import { EXIT } from '../../exit-codes.ts'
import { readJsonFile } from '../../files.ts'
import { formatTable } from '../../text.ts'
import { defineVerb } from '../../verb.ts'

export const policyCheckVerb = defineVerb({
  name: 'policy check',
  arguments: '<file>',
  purpose: 'Check a policy and run its tests. Works offline.',
  example: 'policy check examples/policies/NOR.json',
  next: 'entente policy sign FILE --key NOR.authority.pem',
  input: z.strictObject({ file: z.string() }),
  run: ({ io }, { file }) => {
    const issues = checkPolicy(readJsonFile(file))
    const table = formatTable(
      ['place', 'code', 'what is wrong'],
      issues.map(({ place, code, message }) => [place, code, message]),
      io,
    )
    return {
      json: { ok: issues.length === 0, issues },
      text: issues.length === 0 ? `${file}: nothing is wrong, its tests pass` : table,
      exit: issues.length === 0 ? EXIT.done : EXIT.unverified,
    }
  },
})
