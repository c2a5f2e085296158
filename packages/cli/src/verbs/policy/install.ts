import { z } from 'zod'
import { readJsonFile } from '../../files.ts'
import { defineVerb } from '../../verb.ts'

export const policyInstallVerb = defineVerb({
  name: 'policy install',
  arguments: '<file>',
  purpose: 'Put a signed policy in force: checked against the roster, then logged.',
  example: 'policy install NOR.signed.json',
  next: 'entente release preview shows what it would let go',
  input: z.strictObject({ file: z.string() }),
  run: async ({ atNode }, { file }) => {
    const signed = readJsonFile(file)
    const inForce = await atNode((api) => api.policyInstall(signed))
    return {
      json: inForce,
      text: `edition ${inForce.edition} is in force, leaf ${inForce.index} of the log\nNext: entente release preview`,
    }
  },
})
