import { isMainNode, type Member, type Nation } from '@entente/schema'
import type { AddFinding } from '../finding.ts'
import type { NationAudit } from '../nation-audit.ts'
import type { Leaf } from '../statements/leaves.ts'

/** From when a log of a nation releases a dataset to a recipient, by time, and up to which of its leaves. */
interface Turn {
  readonly origin: string
  readonly fromMs: number
  readonly untilLeaf: number
}

/**
 * What a nation with several nodes released: each dataset, to each recipient, by the node whose turn it was, as the statements
 * `releaser` of one log after the other say from the main node's on; and each feed that began in place of another log's names
 * the one that was handed over. Where a log is not shown nothing is said of what comes after it.
 * @param audits by origin
 */
export function checkReleasers(
  audits: ReadonlyMap<string, NationAudit>,
  members: Iterable<Member>,
  toleranceMs: number,
  findings: (nation: Nation) => AddFinding,
): void {
  for (const member of members) {
    const ofNation = [...audits.values()].filter((audit) => audit.nation === member.nation)
    const isAlone = member.nodes.every(isMainNode) && !ofNation.some(handsOver)
    if (isAlone) continue
    const found = findings(member.nation)
    for (const audit of ofNation) checkLog(audit, member, audits, toleranceMs, found)
  }
}

const handsOver = ({ leaves }: NationAudit): boolean =>
  [...leaves.byIndex.values()].some(({ kind }) => kind === 'releaser')

function checkLog(
  audit: NationAudit,
  member: Member,
  audits: ReadonlyMap<string, NationAudit>,
  toleranceMs: number,
  found: AddFinding,
): void {
  const { origin } = audit.trusted.log
  const turns = new Map<string, ReturnType<typeof turnsOf>>()
  for (const leaf of audit.leaves.byIndex.values()) {
    if (leaf.kind !== 'release' && leaf.kind !== 'reset') continue
    const { dataset, recipient, at } = leaf.statement
    const key = `${recipient} ${dataset}`
    const known = turns.get(key) ?? turnsOf(member, audits, recipient, dataset)
    turns.set(key, known)
    const isTurn = known.turns.some(
      (turn) =>
        turn.origin === origin && leaf.index < turn.untilLeaf && at + toleranceMs >= turn.fromMs,
    )
    // A log that is not shown may have handed it on to this one.
    if (!isTurn && known.isWhole)
      found(
        'NOT_RELEASER',
        `${origin} gives ${dataset} to ${recipient}, which another node of ${member.nation} releases`,
        leaf.index,
      )
    if (leaf.kind === 'reset') checkBegin(leaf, audit, member, audits, known.isWhole, found)
  }
}

/** A feed that replaces one of another log replaces the one that was handed over, after the statement named. */
function checkBegin(
  { index, statement }: Leaf<'reset'>,
  audit: NationAudit,
  member: Member,
  audits: ReadonlyMap<string, NationAudit>,
  isWhole: boolean,
  found: AddFinding,
): void {
  const { replaces, dataset, recipient } = statement
  if (audit.feeds.has(replaces.feed) || !isWhole) return
  const isNamed = handOversIn(audits, member.nation, recipient, dataset).some(
    ({ statement: { head } }) =>
      head?.feed === replaces.feed &&
      head.seq === replaces.seq &&
      head.statement === replaces.statement,
  )
  if (!isNamed)
    found(
      'NOT_RELEASER',
      `it replaces feed ${replaces.feed}, which no node of ${member.nation} has handed over`,
      index,
    )
}

const handOversIn = (
  audits: ReadonlyMap<string, NationAudit>,
  nation: Nation,
  recipient: Nation,
  dataset: string,
): Leaf<'releaser'>[] =>
  [...audits.values()]
    .filter((audit) => audit.nation === nation)
    .flatMap((audit) => handOversOf(audit, recipient, dataset))

const handOversOf = (
  { leaves }: NationAudit,
  recipient: Nation,
  dataset: string,
): Leaf<'releaser'>[] =>
  [...leaves.byIndex.values()]
    .filter((leaf): leaf is Leaf<'releaser'> => leaf.kind === 'releaser')
    .filter(({ statement }) => statement.recipient === recipient && statement.dataset === dataset)

/** @returns `isWhole`: every log whose turn came is shown */
function turnsOf(
  member: Member,
  audits: ReadonlyMap<string, NationAudit>,
  recipient: Nation,
  dataset: string,
): { readonly turns: readonly Turn[]; readonly isWhole: boolean } {
  const turns: Turn[] = []
  /** Leaf after which each log has said nothing of it yet. */
  const said = new Map<string, number>()
  let { origin } = member.node
  let fromMs = 0
  // Logs of the main node that have ended are before the one that goes on.
  for (const node of member.nodes)
    if (isMainNode(node) && node.origin !== origin)
      turns.push({ origin: node.origin, fromMs: 0, untilLeaf: Infinity })
  for (;;) {
    const audit = audits.get(origin)
    const after = said.get(origin) ?? -1
    const next =
      audit === undefined
        ? undefined
        : handOversOf(audit, recipient, dataset).find(({ index }) => index > after)
    turns.push({ origin, fromMs, untilLeaf: next?.index ?? Infinity })
    if (next === undefined) return { turns, isWhole: audit !== undefined }
    said.set(origin, next.index)
    const to = member.nodes.findLast(({ key }) => key === next.statement.to)
    if (to === undefined) return { turns, isWhole: true }
    origin = to.origin
    fromMs = next.statement.at
  }
}
