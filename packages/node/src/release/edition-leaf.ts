import {
  compilePolicy,
  compileRegister,
  PolicyDocument,
  RegisterDocument,
  SignedPolicy,
  SignedRegister,
  sealOfCompiled,
} from '@entente/policy'
import { type PolicySeal, signJws, statementType } from '@entente/schema'
import type { Deps } from '../deps.ts'
import type { Leaf } from '../log/leaf.ts'

/** What authorities put in force by edition; each has a statement of that kind, and a table `<kind>_edition`. */
export const editionKinds = ['policy', 'register'] as const
export type EditionKind = (typeof editionKinds)[number]

/** What was sealed of a signed file. @throws ZodError when it is not of that kind */
export function readEdition(
  kind: EditionKind,
  signed: unknown,
): { readonly seal: PolicySeal; readonly signatures: readonly string[] } {
  if (kind === 'policy') {
    const { policy, signatures } = SignedPolicy.parse(signed)
    return { seal: sealOfCompiled(compilePolicy(PolicyDocument.parse(policy))), signatures }
  }
  const { register, signatures } = SignedRegister.parse(signed)
  return { seal: sealOfCompiled(compileRegister(RegisterDocument.parse(register))), signatures }
}

/** The statement that puts a signed policy or register in force in this node's log. */
export function editionLeaf(
  { origin, signStatement, randomBytes }: Pick<Deps, 'origin' | 'signStatement' | 'randomBytes'>,
  kind: EditionKind,
  signed: unknown,
  atMs: number,
): Leaf {
  const { seal, signatures } = readEdition(kind, signed)
  const { edition, digest, from, until } = seal
  const payload = { origin, at: atMs, edition, digest, from, until, signatures }
  const jws = signJws(statementType(kind), payload, signStatement)
  return { kind, jws, salt: randomBytes(32), atMs, feed: null, seq: null }
}
