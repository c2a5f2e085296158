import { readSigner } from '@entente/node'
import {
  checkRegister,
  PolicyError,
  RegisterDocument,
  registerSealOf,
  SignedRegister,
} from '@entente/policy'
import { registerSealType, signJws } from '@entente/schema'
import { z } from 'zod'
import { readJsonFile, writeJsonFile } from '../../files.ts'
import { defineVerb } from '../../verb.ts'

export const registerSignVerb = defineVerb({
  name: 'register sign',
  arguments: '<file>',
  purpose: 'Sign a register of agreements with an authority’s key. Works offline.',
  options: [
    { flags: '--key <file>', purpose: 'key of a policy authority (PEM)' },
    { flags: '--out <file>', purpose: 'signed register to write (else FILE with .signed.json)' },
  ],
  example: 'register sign examples/registers/GBR.json --key GBR.authority.pem',
  next: 'carry the signed file to the node: entente register install FILE',
  input: z.strictObject({
    file: z.string(),
    key: z.string({ error: 'name the authority’s key with --key' }),
    out: z.string().optional(),
  }),
  run: (_, { file, key, out = file.replace(/(\.signed)?(\.json)?$/, '.signed.json') }) => {
    const before = readSignedOrNot(readJsonFile(file))
    const issues = checkRegister(before.register)
    const [first] = issues
    if (first !== undefined)
      throw new PolicyError(
        'POLICY_INVALID',
        `${file}: ${first.code} at ${first.place}: ${first.message}; entente register check names all ${issues.length}`,
      )
    const register = RegisterDocument.parse(before.register)
    const seal = registerSealOf(register)
    const signature = signJws(registerSealType, seal, readSigner(key).sign)
    const signatures = [...new Set([...before.signatures, signature])]
    writeJsonFile(out, { register, signatures })
    return {
      json: { file: out, ...seal, signatures: signatures.length },
      text: `${out}: edition ${seal.edition} of the register of ${seal.nation}, signed.\nNext: entente register install ${out}`,
    }
  },
})

/** A second authority signs the file that the first has signed. */
function readSignedOrNot(input: unknown): {
  readonly register: unknown
  readonly signatures: readonly string[]
} {
  const signed = SignedRegister.safeParse(input)
  return signed.success ? signed.data : { register: input, signatures: [] }
}
