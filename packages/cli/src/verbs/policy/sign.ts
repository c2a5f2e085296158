import { z } from 'zod'
import { policyKind, signAuthorityFile } from '../../authority-file.ts'
import { defineVerb } from '../../verb.ts'

export const policySignVerb = defineVerb({
  name: 'policy sign',
  arguments: '<file>',
  purpose:
    'Sign a policy (YAML or JSON) with an authority’s key, if nothing is wrong with it. A second authority signs the signed file. Works offline.',
  options: [
    { flags: '--key <file>', purpose: 'key of a policy authority (PEM)' },
    { flags: '--out <file>', purpose: 'signed policy, JSON (else FILE.signed.json)' },
  ],
  example: 'policy sign examples/policies/NOR.json --key NOR.authority.pem',
  next: 'carry the signed file to the node: entente policy install FILE',
  input: z.strictObject({
    file: z.string(),
    key: z.string({ error: 'name the authority’s key with --key' }),
    out: z.string().optional(),
  }),
  run: (_, { file, key, out: named }) => {
    const { out, seal, signatures } = signAuthorityFile(policyKind, file, key, named)
    const by = signatures.length === 1 ? '' : ` by ${signatures.length}`
    return {
      json: { file: out, ...seal, signatures: signatures.length },
      text: `${out}: edition ${seal.edition} of ${seal.nation}, signed${by}.\nNext: entente policy install ${out}`,
    }
  },
})
