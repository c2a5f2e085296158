import { isMainNode, type LeafRange, type Member, type Nation } from '@entente/schema'
import { equalBytes, formatBase64, parseBase64 } from '@entente/tlog'
import type { AddFinding } from '../finding.ts'
import type { NationAudit } from '../nation-audit.ts'
import type { Leaf } from '../statements/leaves.ts'
import { openGenesisSeal } from '../statements/root-words.ts'
import type { Trust } from '../trust.ts'

/** How a log ended, as the root says in the first leaf of the one that follows. */
export interface LogEnd {
  readonly nation: Nation
  readonly origin: string
  /** Origin of the log that follows. */
  readonly next: string
  readonly size: number
  /** 32 bytes. */
  readonly root: Uint8Array
  /** Leaves that are declared lost, in rising order. */
  readonly lost: readonly LeafRange[]
}

/** Ends of logs by origin. */
export type Succession = ReadonlyMap<string, LogEnd>

export const countLost = ({ lost }: LogEnd): number =>
  lost.reduce((sum, [first, last]) => sum + last - first + 1, 0)

export const isLost = (end: LogEnd | undefined, index: number): boolean =>
  end?.lost.some(([first, last]) => first <= index && index <= last) ?? false

/**
 * Logs of a nation that follow one another: each names, under the root's signature, the end of the one before; nothing that was
 * published is left out, and what cannot be shown is declared lost.
 * @param audits by origin
 */
export function checkSuccession(
  audits: ReadonlyMap<string, NationAudit>,
  trust: Trust,
  findings: (nation: Nation) => AddFinding,
): Succession {
  const ends = new Map<string, LogEnd>()
  for (const member of trust.roster.members.values()) {
    for (const [origin, i, origins] of chainsOf(member)) {
      const audit = audits.get(origin)
      if (audit === undefined) continue
      const found = findings(member.nation)
      const end = endNamedBy(audit, trust, origins[i - 1], found)
      if (end === null) continue
      ends.set(end.origin, end)
      const before = audits.get(end.origin)
      const fault = before === undefined ? null : endFault(before, end)
      if (fault !== null) found('GENESIS_PREVIOUS', fault, 0)
    }
  }
  return ends
}

/** Logs of a nation's main node by rising serial of their certificates. */
export const originsOf = ({ nodes }: Member): readonly string[] => [
  ...new Set(nodes.filter(isMainNode).map(({ origin }) => origin)),
]

/** Every log of a nation, its place among those of its node, and these: the logs of one node follow one another. */
function chainsOf(member: Member): [origin: string, place: number, origins: readonly string[]][] {
  const others = Map.groupBy(
    member.nodes.filter((node) => !isMainNode(node)),
    ({ peerId }) => peerId,
  )
  const chains = [
    originsOf(member),
    ...[...others.values()].map((of) => [...new Set(of.map(({ origin }) => origin))]),
  ]
  return chains.flatMap((origins) =>
    origins.map((origin, i): [string, number, readonly string[]] => [origin, i, origins]),
  )
}

function endNamedBy(
  { leaves, trusted }: NationAudit,
  trust: Trust,
  wanted: string | undefined,
  found: AddFinding,
): LogEnd | null {
  const genesis = leaves.byIndex.get(0)
  const seal = genesis?.kind === 'genesis' ? openGenesisSeal(genesis, trusted, trust) : null
  // A seal that is missing or does not verify has its own finding.
  if (seal === null) return null
  const { previous } = seal
  if ((previous?.origin ?? undefined) !== wanted) {
    const says = previous === null ? 'no log' : previous.origin
    found('GENESIS_PREVIOUS', `it follows ${says}; certified before it is ${wanted ?? 'none'}`, 0)
    return null
  }
  if (previous === null) return null
  const { origin, size, lost } = previous
  const root = parseBase64(previous.root, 'HASH_LENGTH')
  const { nation } = trusted.member
  return { nation, origin, next: trusted.log.origin, size, root, lost }
}

/** Why a log does not end as the one that follows it says. */
function endFault({ history, leaves }: NationAudit, end: LogEnd): string | null {
  const what = `${end.next} says that ${end.origin} ended at ${end.size} leaves`
  const published = history.published.at(-1)?.size ?? 0
  if (end.size < published) return `${what}; ${published} were published`
  if (end.size <= history.size && !equalBytes(history.rootAt(end.size), end.root))
    return `${what} under root ${formatBase64(end.root)}, which its entries do not give`
  for (let index = history.size; index < end.size; index++)
    if (!isLost(end, index)) return `${what}; leaf ${index} is not shown, and not declared lost`
  const handover = [...leaves.byIndex.values()].find(isHandover)
  if (handover === undefined) return null
  if (handover.statement.next !== end.next)
    return `leaf ${handover.index} of ${end.origin} hands it over to ${handover.statement.next}`
  return handover.index < history.size - 1
    ? `leaf ${handover.index} of ${end.origin} hands it over, and is not its last`
    : null
}

const isHandover = (leaf: Leaf): leaf is Leaf<'handover'> => leaf.kind === 'handover'
