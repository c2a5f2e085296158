import {
  Certificate,
  certificateType,
  GenesisSeal,
  genesisSealType,
  HandoverSeal,
  handoverSealType,
  openRootWord,
  Revocation,
  revocationType,
} from '@entente/schema'
import { type AddFinding, reasonOf } from '../finding.ts'
import type { Trust, TrustedLog } from '../trust.ts'
import type { Leaf, LeafTable } from './leaves.ts'

/** What only the nation's root can say: that this is its log, which keys sign it, and which log follows. */
export function checkRootWords(
  leaves: LeafTable,
  trusted: TrustedLog,
  trust: Trust,
  found: AddFinding,
): void {
  const genesis = leaves.get(0)
  if (genesis?.kind === 'genesis') {
    const fault = sealFault(genesis, trusted, trust)
    if (fault !== null) found('GENESIS_SEAL', fault, 0)
  }
  for (const leaf of leaves.values()) {
    const fault =
      leaf.kind === 'key'
        ? keyFault(leaf, trusted, trust)
        : leaf.kind === 'handover'
          ? handoverFault(leaf, trusted, trust)
          : null
    if (fault !== null) found('KEY_CHANGE', `leaf ${leaf.index}: ${fault}`, leaf.index)
  }
}

/** The seal of a genesis; null when it does not verify. */
export function openGenesisSeal(
  { statement: { seal } }: Leaf<'genesis'>,
  { member }: TrustedLog,
  { verify }: Trust,
): GenesisSeal | null {
  if (seal === undefined) return null
  try {
    return GenesisSeal.parse(openRootWord(member, seal, genesisSealType, verify))
  } catch {
    return null
  }
}

function sealFault(genesis: Leaf<'genesis'>, trusted: TrustedLog, trust: Trust): string | null {
  if (genesis.statement.seal === undefined) return 'the root has not signed for this log'
  const seal = openGenesisSeal(genesis, trusted, trust)
  if (seal === null) return 'the seal is not signed by the root'
  const { member, certificate } = trusted
  const wanted = { nation: member.nation, origin: trusted.log.origin, logKey: certificate.logKey }
  return differs(seal, wanted)
}

function keyFault(
  { statement }: Leaf<'key'>,
  { member, log }: TrustedLog,
  { verify }: Trust,
): string | null {
  const { action, seal } = statement
  try {
    const type = action === 'certify' ? certificateType : revocationType
    const word = openRootWord(member, seal, type, verify)
    const said = action === 'certify' ? Certificate.parse(word) : Revocation.parse(word)
    if ('role' in said && said.role !== 'node') return 'the certificate is not of a node'
    return differs(said as { nation: string }, { nation: member.nation, origin: log.origin })
  } catch (error) {
    return reasonOf(error)
  }
}

function handoverFault(
  { statement }: Leaf<'handover'>,
  { member, log }: TrustedLog,
  { verify }: Trust,
): string | null {
  try {
    const seal = HandoverSeal.parse(openRootWord(member, statement.seal, handoverSealType, verify))
    const wanted = { nation: member.nation, origin: log.origin, next: statement.next }
    return differs(seal, wanted)
  } catch (error) {
    return reasonOf(error)
  }
}

/** The first member that is not as it must be. */
function differs(said: object, wanted: Readonly<Record<string, string>>): string | null {
  const members: Readonly<Record<string, unknown>> = { ...said }
  const name = Object.keys(wanted).find((each) => members[each] !== wanted[each])
  return name === undefined ? null : `the root names ${name} ${String(members[name])}`
}
