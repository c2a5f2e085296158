import {
  type AuthorityCertificate,
  authoritiesThatSigned,
  type DecisionSeal,
  type OfficerCertificate,
  registerSealType,
  sealerOf,
} from '@entente/schema'
import type { AddFinding } from '../finding.ts'
import type { Trust, TrustedLog } from '../trust.ts'
import type { Leaves } from './leaves.ts'

/** People whose signatures a leaf carries and needs, by leaf index. */
export type Signers = ReadonlyMap<number, readonly PersonCertificate[]>
type PersonCertificate = AuthorityCertificate | OfficerCertificate

/** The nation's authorities that have signed exactly this sentence. */
export function signersOf(
  type: string,
  sentence: unknown,
  signatures: readonly string[],
  { member }: TrustedLog,
  { verify }: Trust,
): readonly AuthorityCertificate[] {
  const names = authoritiesThatSigned(type, sentence, signatures, member.authorities, verify)
  return member.authorities.filter(({ name }) => names.includes(name))
}

/** Step 7, people: who approved and who refused is a person's key, and a register is in force by authorities alone. */
export function openSeals(
  leaves: Leaves,
  trusted: TrustedLog,
  trust: Trust,
  found: AddFinding,
): Signers {
  const { nation, policyQuorum, officers, authorities } = trusted.member
  const signers = new Map<number, readonly PersonCertificate[]>()
  for (const { index, kind, statement } of leaves.byIndex.values()) {
    if (kind === 'register') {
      const { edition, digest, from, until, signatures } = statement
      const sentence = { nation, edition, digest, from, until }
      const by = signersOf(registerSealType, sentence, signatures, trusted, trust)
      signers.set(index, by)
      if (by.length < policyQuorum)
        found(
          'SEAL_SIGNATURE',
          `register ${edition}: ${by.length} of ${policyQuorum} authorities signed`,
          index,
        )
    }
    // A refusal without a seal is the node's own answer, by rule.
    if ((kind !== 'approve' && kind !== 'deny') || statement.seal === undefined) continue
    const sentence: DecisionSeal = { nation, about: statement.about, decision: kind }
    const by = sealerOf(statement.seal, sentence, [...officers, ...authorities], trust.verify)
    signers.set(index, by === null ? [] : [by])
    if (by === null) found('SEAL_SIGNATURE', `no officer of ${nation} sealed this ${kind}`, index)
  }
  return signers
}
