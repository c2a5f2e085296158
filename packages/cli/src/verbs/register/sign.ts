import { z } from 'zod'
import { registerKind, signAuthorityFile } from '../../authority-file.ts'
import { defineVerb } from '../../verb.ts'

export const registerSignVerb = defineVerb({
  name: 'register sign',
  arguments: '<file>',
  purpose:
    'Sign a register of agreements (YAML or JSON) with an authority’s key, if nothing is wrong with it. A second authority signs the signed file. Works offline.',
  options: [
    { flags: '--key <file>', purpose: 'key of a policy authority (PEM)' },
    { flags: '--out <file>', purpose: 'signed register, JSON (else FILE.signed.json)' },
  ],
  example: 'register sign examples/registers/CAN.json --key CAN.authority.pem',
  next: 'carry the signed file to the node: entente register install FILE',
  input: z.strictObject({
    file: z.string(),
    key: z.string({ error: 'name the authority’s key with --key' }),
    out: z.string().optional(),
  }),
  run: (_, { file, key, out: named }) => {
    const { out, seal, signatures } = signAuthorityFile(registerKind, file, key, named)
    const by = signatures.length === 1 ? '' : ` by ${signatures.length}`
    return {
      json: { file: out, ...seal, signatures: signatures.length },
      text: `${out}: edition ${seal.edition} of the register of ${seal.nation}, signed${by}.\nNext: entente register install ${out}`,
    }
  },
})
