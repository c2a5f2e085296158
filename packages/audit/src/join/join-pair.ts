import type { Acknowledgement, Nation } from '@entente/schema'
import type { HeldRow } from '../bundle/read-bundle.ts'
import type { AddFinding } from '../finding.ts'
import type { NationAudit } from '../nation-audit.ts'
import { latestOf, type SignedAck } from '../statements/acknowledgements.ts'
import { type Feed, feedOf, isFeedLeaf } from '../statements/feeds.ts'
import { type HeldInFeed, joinHeld } from './join-held.ts'

/** One ordered pair of nations, and everything both of them show about what went from one to the other. */
interface Pair {
  readonly sender: NationAudit
  readonly recipient: NationAudit
  readonly atMs: number
  /** Acknowledgements by feed, of either side. */
  readonly acks: ReadonlyMap<string, readonly SignedAck[]>
  /** What the recipient holds, by feed and record. */
  readonly held: ReadonlyMap<string, ReadonlyMap<string, HeldRow>>
  /** Leaves of the sender that the recipient shows. */
  readonly shown: ReadonlySet<number>
  readonly bySender: AddFinding
  readonly byRecipient: AddFinding
}

/**
 * Step 10, one ordered pair: what the sender released to the recipient, what the recipient holds, and what it has
 * acknowledged must be one story.
 */
export function joinPair(
  sender: NationAudit,
  recipient: NationAudit,
  atMs: number,
  findings: (nation: Nation) => AddFinding,
): void {
  const received = recipient.bundle.received.filter((row) => row.from === sender.nation)
  const acks = [...recipient.acks.given, ...sender.acks.received].filter(
    ({ ack }) => ack.by === recipient.nation && ack.to === sender.nation,
  )
  const pair: Pair = {
    sender,
    recipient,
    atMs,
    acks: Map.groupBy(acks, ({ ack }) => ack.feed),
    held: heldByFeed(sender, recipient),
    shown: new Set(received.map((row) => row.index)),
    bySender: findings(sender.nation),
    byRecipient: findings(recipient.nation),
  }
  const dropped = checkAcks(pair)
  for (const feed of sender.feeds.values())
    if (feed.recipient === recipient.nation && !dropped.has(feed.id)) joinFeed(feed, pair)
  if (sender.leaves.unread > 0) return
  for (const [feed, rows] of pair.held) {
    if (dropped.has(feed) || sender.feeds.get(feed)?.recipient === recipient.nation) continue
    for (const record of rows.keys())
      pair.byRecipient(
        'JOIN_WITHOUT_LEAF',
        `${record} is held from ${sender.nation} in feed ${feed}, which its log does not have`,
      )
  }
}

/**
 * Both sides show the furthest acknowledgement of each feed, and it names a statement that the sender shows.
 * @returns feeds in which the sender does not show what was acknowledged
 */
function checkAcks({ sender, recipient, acks, bySender, byRecipient }: Pair): ReadonlySet<string> {
  const dropped = new Set<string>()
  for (const [feed, ofFeed] of acks) {
    const lost = ofFeed.find(({ ack }) => !isShownBy(sender, ack))
    if (lost !== undefined && sender.leaves.unread === 0) {
      dropped.add(feed)
      bySender(
        'JOIN_DROPPED',
        `${recipient.nation} acknowledged statement ${lost.ack.seq} of feed ${feed}, which is not shown`,
      )
    }
    const latest = latestOf(ofFeed)
    if (latest === null || !sender.acks.complete || !recipient.acks.complete) continue
    const what = `of ${recipient.nation} to ${sender.nation}, feed ${feed} to ${latest.ack.seq}`
    const isShown = (list: readonly SignedAck[]) => list.some(({ jws }) => jws === latest.jws)
    if (!isShown(recipient.acks.given)) byRecipient('ACK_MISSING', `acknowledgement ${what}`)
    if (!isShown(sender.acks.received)) bySender('ACK_MISSING', `acknowledgement ${what}`)
  }
  return dropped
}

/** The sender has the very statement that an acknowledgement names, at that place of that feed. */
function isShownBy({ leaves }: NationAudit, { feed, seq, statement }: Acknowledgement): boolean {
  const leaf = leaves.byIndex.get(leaves.byDigest.get(statement) ?? -1)
  return (
    leaf !== undefined && isFeedLeaf(leaf) && leaf.statement.seq === seq && feedOf(leaf) === feed
  )
}

function joinFeed(feed: Feed, pair: Pair): void {
  const { sender, recipient, acks, shown, byRecipient } = pair
  const ofFeed = acks.get(feed.id) ?? []
  const acked = latestOf(ofFeed)?.ack.seq ?? -1
  let reached = acked
  // Of a number that exists twice the recipient has one.
  const seqs = new Set<number>()
  for (const { index, statement } of feed.statements) if (shown.has(index)) seqs.add(statement.seq)
  const open: number[] = []
  for (const { index, statement } of feed.bySeq.values()) {
    const { seq } = statement
    if (seqs.has(seq)) reached = Math.max(reached, seq)
    else if (seq <= acked)
      byRecipient('JOIN_NOT_HELD', `leaf ${index} of ${sender.nation} is acknowledged, not shown`)
    if (seq > acked) open.push(index)
  }
  // Control feeds ask for something: the answer is the release, or its own statement.
  if (feed.subject.of !== 'dataset') return
  if (open.length > 0 && sender.acks.complete && recipient.acks.complete)
    byRecipient(
      'JOIN_UNACKNOWLEDGED',
      `${open.length} releases of ${sender.nation} from leaf ${open[0]} on`,
    )
  if (!feed.sound || !sender.entries.complete || sender.leaves.unread > 0) return
  const held: HeldInFeed = {
    feed,
    sender,
    held: pair.held.get(feed.id) ?? new Map(),
    acks: ofFeed,
    reached,
    acked,
    atMs: pair.atMs,
  }
  joinHeld(held, byRecipient)
}

function heldByFeed(sender: NationAudit, recipient: NationAudit): Pair['held'] {
  const feeds = new Map<string, Map<string, HeldRow>>()
  for (const row of recipient.bundle.held) {
    if (row.from !== sender.nation) continue
    const rows = feeds.get(row.feed) ?? new Map<string, HeldRow>()
    feeds.set(row.feed, rows.set(row.record, row))
  }
  return feeds
}
