import { openPolicy, PolicyError, SignedPolicy } from '@entente/policy'
import { type AuthorityCertificate, policySealType } from '@entente/schema'
import type { Bundle } from '../bundle/read-bundle.ts'
import { type AddFinding, reasonOf } from '../finding.ts'
import { type LogHistory, publishedBefore } from '../log/history.ts'
import type { Trust, TrustedLog } from '../trust.ts'
import type { Leaf, Leaves } from './leaves.ts'
import { signersOf } from './seals.ts'

/** A policy as the log commits to it. */
interface LoggedPolicy {
  readonly leaf: Leaf<'policy'>
  /** Policy authorities whose signatures verify. */
  readonly authorities: readonly AuthorityCertificate[]
  /** Enough of them signed. */
  readonly signed: boolean
  /** Null: the policy file is not in the bundle. */
  readonly document: unknown
}

/** Policies of one log by leaf index, ascending. */
export type LoggedPolicies = ReadonlyMap<number, LoggedPolicy>

/** Step 7: every policy statement is signed by the nation's policy authorities, and its text is the one it names. */
export function openPolicies(
  bundle: Bundle,
  leaves: Leaves,
  trusted: TrustedLog,
  trust: Trust,
  found: AddFinding,
): LoggedPolicies {
  const policies = new Map<number, LoggedPolicy>()
  for (const leaf of leaves.byIndex.values()) {
    if (leaf.kind !== 'policy') continue
    const { edition, digest, from, until } = leaf.statement
    const seal = { nation: trusted.member.nation, edition, digest, from, until }
    const { signatures } = leaf.statement
    const authorities = signersOf(policySealType, seal, signatures, trusted, trust)
    const signed = authorities.length >= trusted.member.policyQuorum
    if (!signed)
      found(
        'POLICY_SIGNATURE',
        `edition ${edition}: ${authorities.length} of ${trusted.member.policyQuorum} authorities signed`,
        leaf.index,
      )
    const file = bundle.policies.get(digest)
    if (file === undefined)
      found('POLICY_MISSING', `no policy file has the digest of edition ${edition}`, leaf.index)
    else if (signed) checkFile(file, trusted, trust, (code, why) => found(code, why, leaf.index))
    policies.set(leaf.index, { leaf, authorities, signed, document: documentOf(file) })
  }
  return policies
}

/** Step 7, one release: its policy was committed before, and is the latest whose interval covers the decision. */
export function checkPolicyOf(
  leaf: {
    readonly index: number
    readonly kind: string
    readonly statement: {
      readonly at: number
      readonly policy: number | null
      readonly effect?: 'widen' | 'narrow'
    }
  },
  policies: LoggedPolicies,
  leaves: Leaves,
  { published, complete }: LogHistory,
  found: AddFinding,
): void {
  const { index, kind } = leaf
  const { policy, at, effect = 'widen' } = leaf.statement
  // A catalogue that names no policy may offer nothing, which is checked where it is replayed.
  if (policy === null) return
  const named = policies.get(policy)
  if (policy >= index) {
    found('POLICY_LATE', `${kind} ${index} names the later leaf ${policy} as its policy`, index)
    return
  }
  if (named === undefined) {
    // A leaf that cannot be read has its own finding; one that was erased has none, and no policy may be.
    if (leaves.byIndex.has(policy) || leaves.erased.has(policy))
      found('POLICY_LEAF', `${kind} ${index} names leaf ${policy}, which holds no policy`, index)
    return
  }
  if (!named.signed || !complete) return
  const committed = publishedBefore(published, index)
  // What narrows does not wait for the quorum of its policy; what widens does.
  if (effect === 'widen' && policy >= committed) {
    found(
      'POLICY_LATE',
      `${kind} ${index} uses policy ${policy}, not yet under a checkpoint`,
      index,
    )
    return
  }
  let inForce: LoggedPolicy | null = null
  for (const one of policies.values())
    if (one.signed && one.leaf.index < index && covers(one.leaf, at)) inForce = one
  if (inForce === named) return
  if (covers(named.leaf, at))
    found(
      'POLICY_SUPERSEDED',
      `${kind} ${index} uses policy ${policy}; ${inForce?.leaf.index} is in force`,
      index,
    )
  // What was released under a policy that has ended must still be taken back.
  else if (effect === 'widen' || inForce !== null)
    found(
      'POLICY_NOT_IN_FORCE',
      `${kind} ${index} uses policy ${policy}, not in force at ${at} ms`,
      index,
    )
}

const covers = ({ statement }: Leaf<'policy'>, at: number) =>
  statement.from <= at && at < statement.until

/** The file is one that a node would decide with: sealed as its statement says, and free of issues. */
function checkFile(
  file: unknown,
  { member }: TrustedLog,
  { verify }: Trust,
  found: AddFinding,
): void {
  try {
    openPolicy(file, member.authorities, verify, member.policyQuorum)
  } catch (error) {
    const other = error instanceof PolicyError && error.code === 'POLICY_DIGEST'
    found(other ? 'POLICY_CONTRADICTS' : 'POLICY_FILE', reasonOf(error))
  }
}

/** The policy document, when it can be decided with. */
function documentOf(file: unknown): unknown {
  const parsed = SignedPolicy.safeParse(file)
  return parsed.success ? parsed.data.policy : null
}
