import { readSigner } from '@entente/node'
import { PolicyDocument, PolicyError, sealOf } from '@entente/policy'
import { policySealType, signJws } from '@entente/schema'
import { z } from 'zod'
import { writeJsonFile } from '../../files.ts'
import { issuesOf, readPolicyFile, sayWhere } from '../../policy-file.ts'
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
  run: (_, { file, key, out = file.replace(/(\.signed)?(\.json|\.ya?ml)?$/, '.signed.json') }) => {
    const before = readPolicyFile(file)
    const issues = issuesOf(before)
    const [first] = issues
    if (first !== undefined)
      throw new PolicyError(
        'POLICY_INVALID',
        `${sayWhere(first)}: ${first.message}; entente policy check names all ${issues.length}`,
      )
    const policy = PolicyDocument.parse(before.policy)
    const seal = sealOf(policy)
    const signature = signJws(policySealType, seal, readSigner(key).sign)
    const signatures = [...new Set([...before.signatures, signature])]
    writeJsonFile(out, { policy, signatures })
    return {
      json: { file: out, ...seal, signatures: signatures.length },
      text: `${out}: edition ${seal.edition} of ${seal.nation}, signed${signatures.length === 1 ? '' : ` by ${signatures.length}`}.\nNext: entente policy install ${out}`,
    }
  },
})
