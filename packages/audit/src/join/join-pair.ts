import type { Acknowledgement, Nation } from '@entente/schema'
import type { HeldRow, ReceivedRow } from '../bundle/read-bundle.ts'
import type { AddFinding } from '../finding.ts'
import { isLost, type LogEnd } from '../log/succession.ts'
import type { NationAudit } from '../nation-audit.ts'
import { latestOf, type SignedAck } from '../statements/acknowledgements.ts'
import { type Feed, feedOf, isFeedLeaf } from '../statements/feeds.ts'
import { openNationRecalls, takingBack } from '../statements/nation-recalls.ts'
import { digestJws } from '../statements/open-leaf.ts'
import type { Trust } from '../trust.ts'
import { checkTally } from './check-tally.ts'
import { type ErasedShown, erasedShownBy } from './erased-shown.ts'
import type { Holder } from './evidence.ts'
import { withdrawnFor } from './handed-on.ts'
import { type HeldInFeed, joinHeld } from './join-held.ts'
import { saidOfItself } from './said-of-itself.ts'

/** One ordered pair of nations, and everything both of them show about what went from one to the other. */
interface Pair {
  readonly sender: NationAudit
  /** How the sender's log ended; undefined for one that goes on. */
  readonly end: LogEnd | undefined
  readonly recipient: Holder
  /** The recipient shows what it held at some moment, not all up to its last acknowledgement. */
  readonly partial: boolean
  readonly atMs: number
  /** Acknowledgements by feed, of either side; of a partial recipient those up to its moment. */
  readonly acks: ReadonlyMap<string, readonly SignedAck[]>
  /** Those that the sender shows. */
  readonly taken: ReadonlyMap<string, readonly SignedAck[]>
  /** What the recipient holds, by feed and record. */
  readonly held: ReadonlyMap<string, ReadonlyMap<string, HeldRow>>
  /** Leaves of the sender that the recipient shows. */
  readonly shown: ReadonlySet<number>
  /** Statements that the sender has erased and the recipient shows. */
  readonly erased: ErasedShown
  /** Digests of statements that the recipient shows and the sender has declared lost. */
  readonly lost: ReadonlySet<string>
  readonly nationRecalls: HeldInFeed['nationRecalls']
  readonly bySender: AddFinding
  readonly byRecipient: AddFinding
}

/**
 * Step 10, one ordered pair: what the sender released to the recipient, what the recipient holds, and what it has
 * acknowledged must be one story.
 */
export function joinPair(
  sender: NationAudit,
  recipient: Holder,
  trust: Trust,
  findings: (nation: Nation) => AddFinding,
  end?: LogEnd,
  partial = false,
): void {
  const { atMs, hash } = trust
  const { origin } = sender.trusted.log
  const all = recipient.bundle.received.filter((row) => row.from === sender.nation)
  const received = all.filter((row) => (saidOfItself(row.jws)?.origin ?? origin) === origin)
  const isHere = feedsOf(sender, all)
  const isOfPair = ({ ack }: SignedAck) =>
    ack.by === recipient.nation && ack.to === sender.nation && isHere(ack.feed)
  const given = recipient.acks.given.filter(isOfPair)
  const taken = sender.acks.received.filter(isOfPair)
  const lost = received.filter((row) => isLost(end, row.index))
  const recalls = openNationRecalls(recipient.bundle, trust, null)
  const pair: Pair = {
    nationRecalls: (entry) => takingBack(recalls, sender, entry),
    sender,
    end,
    lost: new Set(lost.map(({ jws }) => digestJws(jws, hash))),
    recipient,
    partial,
    atMs,
    acks: Map.groupBy(partial ? given : [...given, ...taken], ({ ack }) => ack.feed),
    taken: Map.groupBy(taken, ({ ack }) => ack.feed),
    held: heldByFeed(sender, recipient, isHere),
    shown: new Set(received.map((row) => row.index)),
    erased: erasedShownBy(sender, received, hash),
    bySender: findings(sender.nation),
    byRecipient: findings(recipient.nation),
  }
  const dropped = checkAcks(pair)
  for (const feed of sender.feeds.values())
    if (feed.recipient === recipient.nation && !dropped.has(feed.id)) joinFeed(feed, pair)
  if (sender.leaves.unread > 0) return
  for (const [feed, rows] of pair.held) {
    if (dropped.has(feed) || sender.feeds.get(feed)?.recipient === recipient.nation) continue
    // All of the feed that the sender had has been erased.
    if (pair.erased.lastOf(feed) >= 0) continue
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
function checkAcks(pair: Pair): ReadonlySet<string> {
  const { sender, end, recipient, partial, acks, taken, bySender, byRecipient } = pair
  const dropped = new Set<string>()
  for (const [feed, ofFeed] of acks) {
    const lost = ofFeed.find(
      ({ ack }) =>
        !isShownBy(sender, ack) && !pair.erased.has(ack.statement) && !pair.lost.has(ack.statement),
    )
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
    // Of what came later in a period the sender shows the last alone.
    const later = latestOf(taken.get(feed) ?? [])?.ack.seq ?? -1
    if (partial && later >= latest.ack.seq) continue
    // A log that has ended commits to no acknowledgement any more.
    if (end === undefined && !isShown(sender.acks.received))
      bySender('ACK_MISSING', `acknowledgement ${what}`)
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
  const taken = latestOf(pair.taken.get(feed.id) ?? [])?.ack.seq ?? -1
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
    if (seq > Math.max(acked, taken)) open.push(index)
  }
  // With a log its feeds end: they are neither acknowledged any further nor held.
  if (pair.end !== undefined) return
  // Control feeds ask for something: the answer is the release, or its own statement.
  if (feed.subject.of !== 'dataset') return
  // Nor does anybody wait for what a reset has replaced.
  if (
    feed.replacedBy === null &&
    !feed.isHandedOver &&
    open.length > 0 &&
    sender.acks.complete &&
    recipient.acks.complete
  )
    byRecipient(
      'JOIN_UNACKNOWLEDGED',
      `${open.length} releases of ${sender.nation} from leaf ${open[0]} on`,
    )
  if (!feed.sound || !sender.entries.complete || sender.leaves.unread > 0) return
  checkTally(feed, ofFeed, byRecipient)
  const held: HeldInFeed = {
    feed,
    sender,
    held: pair.held.get(feed.id) ?? new Map(),
    acks: ofFeed,
    allAcks: acks,
    reached,
    acked,
    atMs: pair.atMs,
    blindTo: Math.max(feed.erasedTo, pair.erased.lastOf(feed.id)),
    nationRecalls: pair.nationRecalls,
    withdrawn: () => withdrawnFor(recipient.bundle.received),
  }
  joinHeld(held, byRecipient)
}

function heldByFeed(
  sender: NationAudit,
  recipient: Holder,
  isHere: (feed: string) => boolean,
): Pair['held'] {
  const feeds = new Map<string, Map<string, HeldRow>>()
  for (const row of recipient.bundle.held) {
    if (row.from !== sender.nation || !isHere(row.feed)) continue
    const rows = feeds.get(row.feed) ?? new Map<string, HeldRow>()
    feeds.set(row.feed, rows.set(row.record, row))
  }
  return feeds
}

/**
 * Which feeds are of this log of the sender: those it has, and of the others those that the recipient does not show to be of another log
 * of the same nation.
 */
function feedsOf(
  { feeds, trusted: { log, member } }: NationAudit,
  received: readonly ReceivedRow[],
): (feed: string) => boolean {
  const origins = new Map<string, string>()
  for (const { jws } of received) {
    const said = saidOfItself(jws)
    if (said !== null) origins.set(said.feed, said.origin)
  }
  return (feed) => feeds.has(feed) || (origins.get(feed) ?? member.node.origin) === log.origin
}
