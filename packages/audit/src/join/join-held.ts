import type { NationRecall } from '@entente/schema'
import type { HeldRow } from '../bundle/read-bundle.ts'
import type { AddFinding } from '../finding.ts'
import type { NationAudit } from '../nation-audit.ts'
import { historyOf, type RecordHistory, type Standing, standingAt } from '../replay/released.ts'
import { latestOf, type SignedAck } from '../statements/acknowledgements.ts'
import type { Feed } from '../statements/feeds.ts'
import { isCarriedOut } from '../statements/recalls.ts'

/** What the recipient holds in one feed, beside what the sender put there. */
export interface HeldInFeed {
  readonly feed: Feed
  readonly sender: NationAudit
  /** By record. */
  readonly held: ReadonlyMap<string, HeldRow>
  readonly acks: readonly SignedAck[]
  /** Those of every feed of the sender to this recipient. */
  readonly allAcks: ReadonlyMap<string, readonly SignedAck[]>
  /** Last statement of the feed that the recipient has. */
  readonly reached: number
  /** Last statement of the feed that the recipient has acknowledged. */
  readonly acked: number
  readonly atMs: number
  /** What the feed did up to this statement has been erased in part, and cannot be said; -1: nothing has. */
  readonly blindTo: number
  /** Consents that the recipient has been told are withdrawn. */
  readonly withdrawn: () => ReadonlySet<string>
  /** Recalls by the word of a nation that the recipient shows, of a put of the sender. */
  readonly nationRecalls: (entry: Standing['put']['entry']) => readonly NationRecall[]
}

/** Every fragment held is the latest put not taken back, and every acknowledged put is held, refused or expired. */
export function joinHeld(join: HeldInFeed, found: AddFinding): void {
  const { replacedBy } = join.feed
  if (
    replacedBy !== null &&
    (latestOf(join.allAcks.get(replacedBy.id) ?? [])?.ack.seq ?? -1) >= 0
  ) {
    for (const { record } of join.held.values())
      found(
        'JOIN_KEPT',
        `${record}, held from ${join.sender.nation}, is of a feed that a reset has replaced`,
      )
    return
  }
  const histories = historyOf(join.feed, join.sender.entries)
  for (const row of join.held.values()) checkRow(row, histories.get(row.record), join, found)
  // Of a feed that is being replaced nothing need be held any more.
  if (replacedBy !== null || join.feed.isHandedOver) return
  const refused = refusedIn(join.acks)
  for (const [record, history] of histories) {
    const standing = standingAt(history, Infinity)
    if (standing === null || standing.put.seq > join.acked || join.held.has(record)) continue
    const { seq, digest, index } = standing.put
    if (seq <= join.blindTo || recallsOf(standing, join).length > 0) continue
    if (refused.has(`${seq}`) || refused.has(`${seq} ${digest}`)) continue
    if ((join.sender.inputs.get(index)?.validUntil ?? Infinity) <= join.atMs) continue
    // What its originator withdraws goes at once, whatever the sender says.
    const { consents } = standing.put.entry
    if (join.nationRecalls(standing.put.entry).length > 0) continue
    if (consents?.some((each) => join.withdrawn().has(each)) === true) continue
    found(
      'JOIN_NOT_HELD',
      `${record} of leaf ${index} of ${join.sender.nation} is acknowledged, not held`,
    )
  }
}

function checkRow(
  { record, digest, fields }: HeldRow,
  history: RecordHistory | undefined,
  join: HeldInFeed,
  found: AddFinding,
): void {
  const { sender, reached, blindTo } = join
  const what = `${record}, held from ${sender.nation},`
  const seen = Math.max(-1, ...(history?.puts ?? []).map((put) => put.seq))
  if (blindTo >= 0 && seen <= blindTo) return
  if (history === undefined || history.puts.length === 0) {
    found('JOIN_WITHOUT_LEAF', `${what} was never released`)
    return
  }
  const standing = standingAt(history, reached)
  if (standing === null) {
    found('JOIN_KEPT', `${what} has been taken back`)
    return
  }
  if (recallsOf(standing, join).some((recall) => isCarriedOut(recall, join.allAcks))) {
    found('JOIN_KEPT', `${what} has been recalled`)
    return
  }
  if (join.nationRecalls(standing.put.entry).some(({ isRevoked }) => !isRevoked)) {
    found('JOIN_KEPT', `${what} has been recalled by the word of its nation`)
    return
  }
  const { entry, index } = standing.put
  const extra = fields.filter((field) => !standing.fields.includes(field))
  if (entry.digest !== digest) found('JOIN_DIGEST', `${what} is not the fragment of leaf ${index}`)
  else if (extra.some((field) => !entry.fields.includes(field)))
    found(
      'JOIN_DIGEST',
      `${what} has fields that leaf ${index} did not release: ${extra.join(', ')}`,
    )
  else if (extra.length > 0) found('JOIN_KEPT', `${what} still has ${extra.join(', ')}`)
}

/** The recalls that take back what stands. */
const recallsOf = ({ put }: Standing, { feed, sender }: HeldInFeed) =>
  sender.recalls.of(feed.id, put.seq, put.digest)

/** Entries that the recipient has said it refused: `seq`, or `seq digest`. */
function refusedIn(acks: readonly SignedAck[]): ReadonlySet<string> {
  return new Set(
    acks.flatMap(({ ack }) =>
      ack.refused.map(({ seq, entry }) => (entry === null ? `${seq}` : `${seq} ${entry}`)),
    ),
  )
}
