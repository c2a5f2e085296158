import { openRegister, SignedRegister } from '@entente/policy'
import type { Inputs } from '@entente/schema'
import type { Bundle } from '../bundle/read-bundle.ts'
import { type AddFinding, reasonOf } from '../finding.ts'
import { type LogHistory, publishedBefore } from '../log/history.ts'
import type { Trust, TrustedLog } from '../trust.ts'
import type { Leaf, Leaves } from './leaves.ts'
import type { Signers } from './seals.ts'

/** A register of agreements as the log commits to it. */
interface LoggedRegister {
  readonly leaf: Leaf<'register'>
  /** Enough authorities signed. */
  readonly signed: boolean
  /** Null: the file is not in the bundle, or cannot be decided with. */
  readonly document: unknown
}

/** Registers of one log by leaf index, ascending. */
export type LoggedRegisters = ReadonlyMap<number, LoggedRegister>

/** Step 7: the text of every register is the one that its statement names. Who signed it, `openSeals` says. */
export function openRegisters(
  bundle: Bundle,
  leaves: Leaves,
  signers: Signers,
  { member }: TrustedLog,
  { verify }: Trust,
  found: AddFinding,
): LoggedRegisters {
  const registers = new Map<number, LoggedRegister>()
  for (const leaf of leaves.byIndex.values()) {
    if (leaf.kind !== 'register') continue
    const { index, statement } = leaf
    const signed = (signers.get(index)?.length ?? 0) >= member.policyQuorum
    const file = bundle.registers.get(statement.digest)
    if (file === undefined)
      found('REGISTER_MISSING', `no file has the digest of register ${statement.edition}`, index)
    else if (signed)
      try {
        const { edition, fromMs, untilMs } = openRegister(
          file,
          member.authorities,
          verify,
          member.policyQuorum,
        )
        if (
          edition !== statement.edition ||
          fromMs !== statement.from ||
          untilMs !== statement.until
        )
          found('REGISTER_FILE', 'it gives another edition or interval than its statement', index)
      } catch (error) {
        found('REGISTER_FILE', reasonOf(error), index)
      }
    const parsed = SignedRegister.safeParse(file)
    registers.set(index, { leaf, signed, document: parsed.success ? parsed.data.register : null })
  }
  return registers
}

/** Step 8, one release: the register that it read is the latest committed before it whose interval covers the decision. */
export function checkRegisterOf(
  {
    index,
    kind,
    statement,
  }: {
    readonly index: number
    readonly kind: string
    readonly statement: { readonly at: number; readonly effect?: 'widen' | 'narrow' }
  },
  { register }: Pick<Inputs, 'register'>,
  registers: LoggedRegisters,
  { published, complete }: LogHistory,
  found: AddFinding,
): void {
  if (!complete) return
  let inForce: LoggedRegister | null = null
  for (const one of registers.values())
    if (one.signed && one.leaf.index < index && covers(one.leaf, statement.at)) inForce = one
  if (inForce?.leaf.statement.digest !== register)
    found(
      'REGISTER_NOT_IN_FORCE',
      `${kind} ${index} was decided with ${register === undefined ? 'no register' : `register ${register}`}; in force is ${inForce === null ? 'none' : `that of leaf ${inForce.leaf.index}`}`,
      index,
    )
  // What narrows does not wait for the quorum of its register; what widens does.
  else if (
    inForce !== null &&
    statement.effect !== 'narrow' &&
    inForce.leaf.index >= publishedBefore(published, index)
  )
    found(
      'REGISTER_LATE',
      `${kind} ${index} uses register ${inForce.leaf.index}, not yet under a checkpoint`,
      index,
    )
}

const covers = ({ statement }: Leaf<'register'>, at: number) =>
  statement.from <= at && at < statement.until
