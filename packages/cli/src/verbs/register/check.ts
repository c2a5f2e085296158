import { checkRegister } from '@entente/policy'
import { z } from 'zod'
import { EXIT } from '../../exit-codes.ts'
import { readJsonFile } from '../../files.ts'
import { formatTable } from '../../text.ts'
import { defineVerb } from '../../verb.ts'

export const registerCheckVerb = defineVerb({
  name: 'register check',
  arguments: '<file>',
  purpose: 'Check a register of agreements. Works offline.',
  example: 'register check examples/registers/GBR.json',
  next: 'entente register sign FILE --key GBR.authority.pem',
  input: z.strictObject({ file: z.string() }),
  run: ({ io }, { file }) => {
    const issues = checkRegister(readJsonFile(file))
    const table = formatTable(
      ['place', 'code', 'what is wrong'],
      issues.map(({ place, code, message }) => [place, code, message]),
      io,
    )
    return {
      json: { ok: issues.length === 0, issues },
      text: issues.length === 0 ? `${file}: nothing is wrong` : table,
      exit: issues.length === 0 ? EXIT.done : EXIT.unverified,
    }
  },
})
