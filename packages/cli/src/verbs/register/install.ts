import { z } from 'zod'
import { readJsonFile } from '../../files.ts'
import { defineVerb } from '../../verb.ts'

export const registerInstallVerb = defineVerb({
  name: 'register install',
  arguments: '<file>',
  purpose: 'Put a signed register of agreements in force: checked, then logged.',
  example: 'register install GBR.register.signed.json',
  next: 'entente register show; entente release preview',
  input: z.strictObject({ file: z.string() }),
  run: async ({ atNode }, { file }) => {
    const signed = readJsonFile(file)
    const inForce = await atNode((api) => api.registerInstall(signed))
    return {
      json: inForce,
      text: `edition ${inForce.edition} of the register is in force, leaf ${inForce.index} of the log.\nWhat it covers no more is taken back at once.\nNext: entente release preview`,
    }
  },
})
