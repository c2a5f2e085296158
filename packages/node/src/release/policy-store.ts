import {
  type CompiledPolicy,
  type CompiledRegister,
  createDecider,
  type Decider,
  openPolicy,
  openRegister,
  SignedPolicy,
  SignedRegister,
  sealOfCompiled,
  withConsents,
  withRegister,
} from '@entente/policy'
import { authoritiesThatSigned, digestOf, policySealType, registerSealType } from '@entente/schema'
import type { ConsentStore } from '../consents/consent-store.ts'
import type { Deps } from '../deps.ts'
import type { ReleaseLog } from '../log/release-log.ts'
import { checkNewPolicy, checkNewRegister } from './check-edition.ts'
import { createEditionStore, type Edition, type EditionStore } from './edition-store.ts'

/** What decides: an edition of the policy, beside the register of agreements. Both are committed to the log. */
export interface PolicyInForce extends Edition<CompiledPolicy> {
  readonly decider: Decider
  /** Null: there is no register, and no agreement covers anything. */
  readonly register: Edition<CompiledRegister> | null
  /** Names all that decides but consents, each of which is about one record (`consentGround`); the policy's digest where it stands alone. */
  readonly ground: string
  /** Leaves of the log that must be published before anything widens by it: up to this one. */
  readonly committedAt: number
}

/** Policies and registers this nation's authorities have put in force. */
export interface PolicyStore {
  /** Checks signatures, tests and bands, then commits the edition to the log; must not run inside a transaction. */
  readonly install: (signed: unknown) => Edition<CompiledPolicy>
  readonly registers: EditionStore<CompiledRegister>
  /** What is in force: the latest committed to the log whose interval covers the time. Null: nothing may be released. */
  readonly at: (atMs: number) => PolicyInForce | null
  /** The latest policy, whether or not it is in force then, beside the register of that time. */
  readonly latest: (atMs: number) => PolicyInForce | null
  readonly commitAgain: () => void
  /** Moments at which an answer can change, in no order. */
  readonly dates: () => readonly number[]
}

/** @param consents of other nations; what decides is to be asked for anew when they change */
export function createPolicyStore(
  deps: Deps,
  log: ReleaseLog,
  consents: Pick<ConsentStore, 'counting' | 'digest'>,
): PolicyStore {
  const { clock, nation, roster, verify } = deps
  const authorities = roster.members.get(nation)?.authorities ?? []
  const quorum = roster.members.get(nation)?.policyQuorum ?? 1
  const signersOf = (
    type: string,
    compiled: CompiledPolicy | CompiledRegister,
    signatures: readonly string[],
  ): number => {
    const people = [...new Map(authorities.map((each) => [each.key, each])).values()]
    return authoritiesThatSigned(type, sealOfCompiled(compiled), signatures, people, verify).length
  }
  /** Editions that have not ended. */
  const standing = <C extends CompiledPolicy | CompiledRegister>(
    store: EditionStore<C>,
  ): readonly Edition<C>[] => store.all().filter(({ compiled }) => compiled.untilMs > clock.nowMs())
  const policies: EditionStore<CompiledPolicy> = createEditionStore(
    deps,
    log,
    'policy',
    (signed) => openPolicy(signed, authorities, verify, quorum),
    (compiled, before, signed) => {
      const { signatures } = SignedPolicy.parse(signed)
      const signers = signersOf(policySealType, compiled, signatures)
      // Beside every register that stands now or will: one that begins later is read then.
      for (const register of [null, ...standing(registers)])
        checkNewPolicy(deps, compiled, before, register, signers)
    },
  )
  const registers: EditionStore<CompiledRegister> = createEditionStore(
    deps,
    log,
    'register',
    (signed) => openRegister(signed, authorities, verify, quorum),
    (compiled, before, signed) => {
      const { signatures } = SignedRegister.parse(signed)
      const signers = signersOf(registerSealType, compiled, signatures)
      for (const policy of standing(policies))
        checkNewRegister(deps, compiled, before, policy, signers)
    },
  )
  let last: PolicyInForce | null = null
  let lastConsents = ''
  const beside = (
    policy: Edition<CompiledPolicy> | null,
    register: Edition<CompiledRegister> | null,
  ): PolicyInForce | null => {
    if (policy === null) return null
    const ground = register === null ? policy.digest : digestOf([policy.digest, register.digest])
    const committedAt = Math.max(policy.index, register?.index ?? 0)
    const isLast =
      last?.ground === ground &&
      last.committedAt === committedAt &&
      lastConsents === consents.digest()
    if (isLast) return last
    lastConsents = consents.digest()
    const compiled = withConsents(
      register === null ? policy.compiled : withRegister(policy.compiled, register.compiled),
      consents.counting(),
    )
    last = { ...policy, compiled, decider: createDecider(compiled), register, ground, committedAt }
    return last
  }
  return {
    registers,
    install: policies.install,
    // An edition that the log has committed to and whose file a recovery did not find: none before it decides.
    at: (atMs) =>
      policies.isLost(atMs) || registers.isLost(atMs)
        ? null
        : beside(policies.at(atMs), registers.at(atMs)),
    latest: (atMs) => beside(policies.all().at(-1) ?? null, registers.at(atMs)),
    commitAgain: () => {
      policies.commitAgain()
      registers.commitAgain()
    },
    dates: () =>
      [...policies.all(), ...registers.all()].flatMap(({ compiled }) => [
        ...compiled.cuts,
        compiled.fromMs,
        compiled.untilMs,
      ]),
  }
}
