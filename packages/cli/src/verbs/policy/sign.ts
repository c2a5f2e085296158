import { readSigner } from '@entente/node'
import { checkPolicy, PolicyDocument, PolicyError, SignedPolicy, sealOf } from '@entente/policy'
import { policySealType, signJws } from '@entente/schema'
import { z } from 'zod'
import { readJsonFile, writeJsonFile } from '../../files.ts'
import { defineVerb } from '../../verb.ts'

export const policySignVerb = defineVerb({
  name: 'policy sign',
  arguments: '<file>',
  purpose: 'Sign a policy with an authority’s key, if nothing is wrong with it. Works offline.',
  options: [
    { flags: '--key <file>', purpose: 'key of a policy authority (PEM)' },
    { flags: '--out <file>', purpose: 'signed policy to write (else FILE with .signed.json)' },
  ],
  example: 'policy sign examples/policies/NOR.json --key NOR.authority.pem',
  next: 'carry the signed file to the node: entente policy install FILE',
  input: z.strictObject({
    file: z.string(),
    key: z.string({ error: 'name the authority’s key with --key' }),
    out: z.string().optional(),
  }),
  run: (_, { file, key, out = file.replace(/(\.signed)?(\.json)?$/, '.signed.json') }) => {
    const before = readSignedOrNot(readJsonFile(file))
    const issues = checkPolicy(before.policy)
    const [first] = issues
    if (first !== undefined)
      throw new PolicyError(
        'POLICY_INVALID',
        `${file}: ${first.code} at ${first.place}: ${first.message}; entente policy check names all ${issues.length}`,
      )
    const policy = PolicyDocument.parse(before.policy)
    const seal = sealOf(policy)
    const signature = signJws(policySealType, seal, readSigner(key).sign)
    const signatures = [...new Set([...before.signatures, signature])]
    writeJsonFile(out, { policy, signatures })
    return {
      json: { file: out, ...seal, signatures: signatures.length },
      text: `${out}: edition ${seal.edition} of ${seal.nation}, signed.\nNext: entente policy install ${out}`,
    }
  },
})

/** A second authority signs the file that the first has signed. */
function readSignedOrNot(input: unknown): {
  readonly policy: unknown
  readonly signatures: readonly string[]
} {
  const signed = SignedPolicy.safeParse(input)
  return signed.success ? signed.data : { policy: input, signatures: [] }
}
