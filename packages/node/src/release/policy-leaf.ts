import { PolicyDocument, SignedPolicy, sealOf } from '@entente/policy'
import { signJws, statementType } from '@entente/schema'
import type { Deps } from '../deps.ts'
import type { Leaf } from '../log/leaf.ts'

/** The statement that puts a signed policy in force in this node's log. */
export function policyLeaf(
  { origin, signStatement, randomBytes }: Pick<Deps, 'origin' | 'signStatement' | 'randomBytes'>,
  signed: unknown,
  atMs: number,
): Leaf {
  const { policy, signatures } = SignedPolicy.parse(signed)
  const { edition, digest, from, until } = sealOf(PolicyDocument.parse(policy))
  const payload = { origin, at: atMs, edition, digest, from, until, signatures }
  const jws = signJws(statementType('policy'), payload, signStatement)
  return { kind: 'policy', jws, salt: randomBytes(32), atMs, feed: null, seq: null }
}
