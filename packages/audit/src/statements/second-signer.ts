import {
  type CompiledPolicy,
  type CompiledRegister,
  compilePolicy,
  compileRegister,
  diffPolicies,
  momentsOf,
  PolicyDocument,
  RegisterDocument,
  withRegister,
} from '@entente/policy'
import type { AuthorityCertificate } from '@entente/schema'
import type { AddFinding } from '../finding.ts'
import { originsOf } from '../log/succession.ts'
import type { NationAudit } from '../nation-audit.ts'
import type { LoggedPolicies } from './policies.ts'
import type { LoggedRegisters } from './registers.ts'

/** What the rule looks at of one audited log. */
type SecondSigned = Pick<NationAudit, 'policies' | 'registers' | 'signers' | 'leaves' | 'trusted'>

/** An edition as far as the rule looks at it. */
interface Edition<C> {
  readonly index: number
  readonly at: number
  readonly digest: string
  readonly number: number
  readonly signers: number
  readonly compiled: C
}

/**
 * Step 7, editions: where a nation has more than one authority, two of them signed what lets more go than the edition before it, as every
 * sort of question shows. Records are not looked at: what no sort of question shows, no record does.
 * @param logs all that were audited, by origin: what an earlier log of the nation has put in force is carried over to the next
 * @see docs/decisions/second-signer.md
 */
export function checkSecondSigner(
  { policies, registers, signers, leaves, trusted }: SecondSigned,
  logs: ReadonlyMap<string, SecondSigned>,
  found: AddFinding,
): void {
  const { nation, authorities } = trusted.member
  const origins = originsOf(trusted.member)
  const place = origins.indexOf(trusted.log.origin)
  const earlier = origins.slice(0, Math.max(place, 0))
  const shown = earlier.flatMap((origin) => logs.get(origin) ?? [])
  const carried = new Set(
    shown
      .flatMap((log) => [...log.policies.values(), ...log.registers.values()])
      .map(({ leaf }) => leaf.statement.digest),
  )
  /** Without the bundles of all earlier logs one cannot tell what was carried over: what came with the first leaf is taken for it. */
  const begun = shown.length < earlier.length ? leaves.byIndex.get(0)?.statement.at : undefined
  const ofPolicies = editionsOf(
    policies,
    ({ authorities: by }) => by.length,
    (document) => compilePolicy(PolicyDocument.parse(document)),
  )
  const ofRegisters = editionsOf(
    registers,
    ({ leaf }) => signers.get(leaf.index)?.length ?? 0,
    (document) => compileRegister(RegisterDocument.parse(document)),
  )
  const widens = (
    before: CompiledPolicy | null,
    after: CompiledPolicy,
    at: number,
  ): readonly string[] => {
    const moments = momentsOf(before, after, at)
    return diffPolicies({ before, after, nation, records: [], at: null, moments }).widens
  }
  const report = (what: string, one: Edition<unknown>, why: readonly string[]): void => {
    if (why.length > 0)
      found(
        'POLICY_WIDENS',
        `edition ${one.number} of the ${what} lets more go than the one before it (${why[0]}), and ${one.signers} of ${authoritiesAt(one)} authorities signed`,
        one.index,
      )
  }
  for (const one of ofPolicies.filter(isLone)) {
    const before = beforeIt(one, ofPolicies)
    const beside = [null, ...standing(ofRegisters, one)]
    const why = beside.flatMap((register) =>
      widens(
        before === null ? null : besideOf(before, register),
        besideOf(one.compiled, register),
        one.at,
      ),
    )
    report('policy', one, why)
  }
  for (const one of ofRegisters.filter(isLone)) {
    const before = beforeIt(one, ofRegisters)
    const why = standing(ofPolicies, one).flatMap((policy) =>
      widens(besideOf(policy, before), besideOf(policy, one.compiled), one.at),
    )
    report('register', one, why)
  }

  function authoritiesAt({ index }: Edition<unknown>): number {
    const then = authorities.filter((authority) => firstLeafOf(authority) <= index)
    return new Set(then.map(({ key }) => key)).size
  }

  /** Leaf of this log from which an authority counts; none where it was certified only in a later log. */
  function firstLeafOf({ from = 0, origin }: AuthorityCertificate): number {
    if (origin === trusted.log.origin) return from
    return origin !== undefined && origins.indexOf(origin) > place ? Number.POSITIVE_INFINITY : 0
  }

  /** One authority alone put it in force, where there were others, and not only once more. */
  function isLone(one: Edition<unknown>): boolean {
    const { signers: by, digest, index } = one
    if (by >= 2 || authoritiesAt(one) < 2) return false
    if (carried.has(digest) || one.at === begun) return false
    const all: readonly Edition<unknown>[] = [...ofPolicies, ...ofRegisters]
    return !all.some((other) => other.digest === digest && other.index < index)
  }
}

function editionsOf<L extends LoggedPolicies | LoggedRegisters, C>(
  logged: L,
  signersOf: (one: L extends ReadonlyMap<number, infer E> ? E : never) => number,
  compile: (document: unknown) => C,
): readonly Edition<C>[] {
  return [...logged.values()].flatMap((one) => {
    const { leaf, signed, document } = one
    // What is missing, malformed or signed by too few has its own finding.
    if (!signed || document === null) return []
    const { at, digest, edition: number } = leaf.statement
    return [
      {
        index: leaf.index,
        at,
        digest,
        number,
        signers: signersOf(one as Parameters<typeof signersOf>[0]),
        compiled: compile(document),
      },
    ]
  })
}

/** The latest edition that was in the log when this one came. */
function beforeIt<C>(one: Edition<C>, all: readonly Edition<C>[]): C | null {
  const earlier = all.filter(({ index, number }) => index < one.index && number < one.number)
  return (
    earlier.reduce<Edition<C> | null>(
      (last, each) => (last === null || each.number >= last.number ? each : last),
      null,
    )?.compiled ?? null
  )
}

/** Editions of the other sort that stood then, or were to. */
const standing = <C extends { readonly untilMs: number }>(
  all: readonly Edition<C>[],
  { index, at }: Edition<unknown>,
): readonly C[] =>
  all
    .filter((each) => each.index < index && each.compiled.untilMs > at)
    .map((each) => each.compiled)

const besideOf = (policy: CompiledPolicy, register: CompiledRegister | null): CompiledPolicy =>
  register === null ? policy : withRegister(policy, register)
