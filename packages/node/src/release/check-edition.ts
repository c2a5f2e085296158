import {
  type CompiledPolicy,
  type CompiledRegister,
  changedAggregates,
  checkPolicy,
  PolicyError,
} from '@entente/policy'
import type { Deps } from '../deps.ts'
import { NodeError } from '../errors.ts'
import type { Edition } from './edition-store.ts'
import { diffHeldBy, type PolicyBeside } from './policy-diff.ts'

/**
 * What must hold of a policy edition beside its seals and content.
 * @param signers authorities that sealed it
 * @throws {PolicyError} `POLICY_INVALID` for bands that earlier editions cut otherwise, and aggregates that they made otherwise
 * @throws {NodeError} `POLICY_CHAIN`, `POLICY_WIDENS`
 */
export function checkNewPolicy(
  deps: Deps,
  compiled: CompiledPolicy,
  before: readonly Edition<CompiledPolicy>[],
  register: Edition<CompiledRegister> | null,
  signers: number,
): void {
  checkBands(compiled, before)
  checkAggregates(compiled, before)
  const last = before.at(-1)
  checkChain(compiled, last)
  const beside = (policy: CompiledPolicy): PolicyBeside => ({
    policy,
    register: register?.compiled ?? null,
  })
  checkWidening(deps, signers, last === undefined ? null : beside(last.compiled), beside(compiled))
}

/** What must hold of a register edition: where it lets more go by the policy that stands, two authorities saw it. */
export function checkNewRegister(
  deps: Deps,
  compiled: CompiledRegister,
  before: readonly Edition<CompiledRegister>[],
  policy: Edition<CompiledPolicy> | null,
  signers: number,
): void {
  if (policy === null) return
  const beside = (register: CompiledRegister | null): PolicyBeside => ({
    policy: policy.compiled,
    register,
  })
  checkWidening(deps, signers, beside(before.at(-1)?.compiled ?? null), beside(compiled))
}

/** Bands of every type stay as the latest edition that has them cuts them: leaving a type out once does not free it. */
function checkBands(
  { document }: CompiledPolicy,
  before: readonly Edition<CompiledPolicy>[],
): void {
  const bandsSoFar = Object.assign({}, ...before.map(({ compiled }) => compiled.document.bands))
  const issue = checkPolicy(document, bandsSoFar)[0]
  if (issue !== undefined)
    throw new PolicyError('POLICY_INVALID', `${issue.code} at ${issue.place}: ${issue.message}`)
}

/** Cells and measures stay as the latest edition that has them says, as bands do. */
function checkAggregates(
  { document }: CompiledPolicy,
  before: readonly Edition<CompiledPolicy>[],
): void {
  const earlier = before.flatMap(({ compiled }) => compiled.document.aggregates ?? [])
  const issue = changedAggregates(document, earlier)[0]
  if (issue !== undefined)
    throw new PolicyError('POLICY_INVALID', `${issue.code} at ${issue.place}: ${issue.message}`)
}

function checkChain(
  { document: { supersedes }, edition }: CompiledPolicy,
  last: Edition<CompiledPolicy> | undefined,
): void {
  if (supersedes === undefined || last === undefined || supersedes === last.digest) return
  throw new NodeError(
    'POLICY_CHAIN',
    `edition ${edition} says that it replaces ${supersedes}, but edition ${last.edition} here is ${last.digest}: write that one under supersedes, look at entente policy diff again, and sign it anew`,
  )
}

/**
 * One authority alone can narrow what goes; where the nation has more than one, two must have sealed what lets more go.
 * @see docs/decisions/second-signer.md
 */
function checkWidening(
  deps: Deps,
  signers: number,
  before: PolicyBeside | null,
  after: PolicyBeside,
): void {
  const authorities = new Set(deps.self.member.authorities.map(({ key }) => key))
  if (authorities.size < 2 || signers >= 2) return
  const { widens } = diffHeldBy(deps, before, after, { fromMs: deps.clock.nowMs() })
  if (widens.length === 0) return
  throw new NodeError(
    'POLICY_WIDENS',
    `it lets more go than before (${widens.join('; ')}), and ${signers} of ${authorities.size} authorities has signed: a second one looks at entente policy diff, signs the signed file, and then it is installed`,
  )
}
