import { compileRegister, RegisterDocument } from '@entente/policy'
import { z } from 'zod'
import { issuesOf, readAuthorityFile, registerKind } from '../../authority-file.ts'
import { EXIT } from '../../exit-codes.ts'
import { formatIssues } from '../../issue-text.ts'
import { clean, count } from '../../text.ts'
import { defineVerb } from '../../verb.ts'

export const registerCheckVerb = defineVerb({
  name: 'register check',
  arguments: '<file>',
  purpose:
    'Check a register of agreements and suppliers’ consents (YAML or JSON), with their seals; names file, line, agreement and field of what is wrong. Works offline.',
  example: 'register check examples/registers/CAN.json',
  next: 'entente register sign FILE --key CAN.authority.pem',
  input: z.strictObject({ file: z.string() }),
  run: ({ io }, { file }) => {
    const read = readAuthorityFile(registerKind, file)
    const issues = issuesOf(read)
    if (issues.length > 0)
      return {
        json: { ok: false, issues },
        text: formatIssues(issues, io),
        exit: EXIT.unverified,
      }
    const register = RegisterDocument.parse(read.document)
    const { nation, edition, digest } = compileRegister(register)
    return {
      json: { ok: true, issues, nation, edition, digest },
      text: [
        `${clean(file)}: nothing is wrong`,
        `edition ${edition} of the register of ${nation}, ${count(register.agreements.length, 'agreement')}, digest ${digest}`,
      ].join('\n'),
      exit: EXIT.done,
    }
  },
})
