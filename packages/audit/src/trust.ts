import type { Hash, Member, Nation, NodeCertificate, Roster, Verify } from '@entente/schema'
import { isMainNode } from '@entente/schema'
import { type Log, parseVerifierKey, type VerifierKey, type WitnessSet } from '@entente/tlog'

/** What the auditor brings. No key is ever taken from a bundle. */
export interface AuditTrust {
  readonly roster: Roster
  readonly verify: Verify
  /** Time of the audit. */
  readonly atMs: number
  /** Checkpoint (signed note) of each nation's log from the previous audit. */
  readonly since?: Readonly<Partial<Record<Nation, string>>>
}

/** Trust made ready: keys parsed, functions chosen. */
export interface Trust extends AuditTrust {
  readonly hash: Hash
  /** The log of each nation's main node that goes on. */
  readonly logs: ReadonlyMap<Nation, TrustedLog>
  /** Every certified log, those that have ended among them. */
  readonly byOrigin: ReadonlyMap<string, TrustedLog>
  readonly witnessNation: ReadonlyMap<string, Nation>
}

/** A log of one nation, and the witnesses that count for it: all but its own. */
export interface TrustedLog {
  readonly member: Member
  /** The newest one for this log. */
  readonly certificate: NodeCertificate
  readonly log: Log
  readonly witnesses: WitnessSet
  readonly excluded: readonly string[]
}

/** @throws {VerificationError} when a certified key is no verifier key: a roster like that cannot be trusted */
export function openTrust(trust: AuditTrust, hash: Hash): Trust {
  const { members, witnessPolicy } = trust.roster
  const keys = witnessPolicy.witnesses.map((witness) => ({
    nation: 'nation' in witness ? witness.nation : witness.name,
    key: parseVerifierKey(witness.key),
  }))
  const logs = new Map<Nation, TrustedLog>()
  const byOrigin = new Map<string, TrustedLog>()
  // The newest certificate comes last.
  for (const member of members.values())
    for (const certificate of member.nodes) {
      const { origin, logKey } = certificate
      const trusted = {
        member,
        certificate,
        log: { origin, key: parseVerifierKey(logKey) },
        witnesses: { witnesses: keys.map(({ key }) => key), quorum: witnessPolicy.quorum },
        excluded: keys.filter(({ nation }) => nation === member.nation).map(({ key }) => key.name),
      }
      if (isMainNode(certificate)) logs.set(member.nation, trusted)
      byOrigin.set(origin, trusted)
    }
  return {
    ...trust,
    hash,
    logs,
    byOrigin,
    witnessNation: new Map(keys.map(({ nation, key }) => [idOf(key), nation])),
  }
}

/** Names a witness key among all. */
export const idOf = ({ name, keyId }: VerifierKey): string => `${name}+${keyId}`
