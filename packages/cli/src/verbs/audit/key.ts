import { z } from 'zod'
import { makeAuditorKey } from '../../audit/auditor-key.ts'
import { defineVerb } from '../../verb.ts'

export const auditKeyVerb = defineVerb({
  name: 'audit key',
  arguments: '<file>',
  purpose: 'Make an auditor’s own key, to sign reports with; its public half is a standard vkey.',
  options: [{ flags: '--name <name>', purpose: 'who signs, such as auditor.example/2026' }],
  example: 'audit key auditor.pem --name auditor.example/2026',
  next: 'give the vkey to those who will read your reports; audit verify --report FILE.html --sign KEY',
  input: z.strictObject({
    file: z.string(),
    name: z
      .string({ error: 'say who signs with --name' })
      .regex(/^[^\s+\p{Cc}]+$/u, 'must have no space and no +'),
  }),
  run: (_, { file, name }) => {
    const vkey = makeAuditorKey(file, name)
    return {
      json: { file, vkey },
      text: `${file}: keep it; nobody else may read it.\n${file}.vkey: give it away.\n${vkey}`,
    }
  },
})
