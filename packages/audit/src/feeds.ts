import { type FeedKind, feedKinds, type Nation } from '@entente/schema'
import type { AddFinding, FindingCode } from './finding.ts'
import type { Leaf, Leaves } from './leaves.ts'

/** A leaf that stands in a feed. */
export type FeedLeaf = Leaf<FeedKind>

export const isFeedLeaf = (leaf: Leaf | undefined): leaf is FeedLeaf =>
  leaf !== undefined && (feedKinds as readonly string[]).includes(leaf.kind)

/** What a feed is for: releases of one dataset, what nations say to one another, or a joint document. */
type Purpose = 'release' | 'control' | 'joint'
const purposeOf = ({ kind }: FeedLeaf): Purpose =>
  kind === 'release' || kind === 'reset' ? 'release' : kind === 'joint' ? 'joint' : 'control'
/** Of what: a dataset, a document, or nothing. */
const subjectOf = (leaf: FeedLeaf): string =>
  leaf.kind === 'release' || leaf.kind === 'reset'
    ? leaf.statement.dataset
    : leaf.kind === 'joint'
      ? leaf.statement.document
      : ''

/** The statements of one node to one nation, in order. */
export interface Feed {
  /** Digest of statement 0. */
  readonly id: string
  readonly kind: Purpose
  readonly recipient: Nation
  /** By seq, ascending. */
  readonly statements: readonly FeedLeaf[]
  readonly bySeq: ReadonlyMap<number, FeedLeaf>
  /** No gap, break or repeat: what stands at the end of it can be said. */
  readonly sound: boolean
  /** The last statement that is missing between others and may be one that was erased; -1: none is. */
  readonly erasedTo: number
  /** The feed that has replaced this one; null: it goes on. */
  readonly replacedBy: Feed | null
}

/** Step 6: groups the statements into feeds, each gapless, chained, without repeats. */
export function openFeeds(leaves: Leaves, found: AddFinding): ReadonlyMap<string, Feed> {
  const groups = new Map<string, FeedLeaf[]>()
  for (const leaf of leaves.byIndex.values()) {
    if (!isFeedLeaf(leaf)) continue
    const { feed, prev, seq } = leaf.statement
    if ((feed === null) !== (seq === 0) || (prev === null) !== (seq === 0)) {
      found(
        'FEED_CHAIN',
        `statement ${seq} must name feed and predecessor just when it is not the first`,
        leaf.index,
      )
      continue
    }
    const id = feed ?? leaf.digest
    const group = groups.get(id)
    if (group === undefined) groups.set(id, [leaf])
    else group.push(leaf)
  }
  const feeds = new Map<string, Feed>()
  const purposes = new Map<string, string>()
  for (const [id, group] of groups) {
    const feed = openFeed(id, group, leaves, found)
    feeds.set(id, feed)
  }
  // In the order of the log, so that a reset comes after what it replaces.
  const inOrder = [...feeds.values()].sort(
    (a, b) => (a.statements[0]?.index ?? 0) - (b.statements[0]?.index ?? 0),
  )
  for (const feed of inOrder) {
    const replaced = replacedBy(feed, feeds, leaves, found)
    if (replaced !== null) {
      feeds.set(replaced.id, { ...replaced, replacedBy: feed })
      purposes.delete(nameOf(replaced))
    }
    checkOnly(feed, purposes, found)
  }
  return feeds
}

function openFeed(id: string, group: FeedLeaf[], leaves: Leaves, found: AddFinding): Feed {
  const statements = group.sort((a, b) => a.statement.seq - b.statement.seq || a.index - b.index)
  const first = statements[0] as FeedLeaf
  const bySeq = new Map<number, FeedLeaf>()
  let sound = true
  const fault = (code: FindingCode, { index, statement: { seq } }: FeedLeaf, what: string) => {
    sound = false
    // A leaf that cannot be read is reported as that, and may be the one that is missing here.
    if (code !== 'FEED_GAP' || leaves.unread === 0)
      found(code, `feed ${id}, statement ${seq}: ${what}`, index)
  }
  // All statements of the previous number: a repeat has its own finding, and the chain may go on from either.
  let before = new Set<string>()
  let current = new Set<string>()
  let last = -1
  let lastIndex = -1
  let erasedTo = -1
  for (const leaf of statements) {
    const { seq, prev } = leaf.statement
    if (seq === last) {
      fault('FEED_DUPLICATE', leaf, 'exists twice')
      current.add(leaf.digest)
      continue
    }
    before = current
    current = new Set([leaf.digest])
    const missing = seq - last - 1
    // What was erased between the two may be what is missing: the chain across it cannot be checked.
    if (missing > 0 && missing <= erasedBetween(leaves, lastIndex, leaf.index)) erasedTo = seq - 1
    else if (missing > 0) fault('FEED_GAP', leaf, `comes after ${last}`)
    else if (prev !== null && !before.has(prev))
      fault('FEED_CHAIN', leaf, 'names another before it')
    else if (!isSameAs(first, leaf)) fault('FEED_CHAIN', leaf, 'of another kind, nation or dataset')
    last = seq
    lastIndex = leaf.index
    bySeq.set(seq, leaf)
  }
  const { recipient } = first.statement
  const kind = purposeOf(first)
  return { id, kind, recipient, statements, bySeq, sound, erasedTo, replacedBy: null }
}

const erasedBetween = ({ erased }: Leaves, from: number, to: number): number =>
  [...erased.keys()].filter((index) => index > from && index < to).length

/** The feed that this one replaces, if it begins with a reset that names a statement of it. */
function replacedBy(
  feed: Feed,
  feeds: ReadonlyMap<string, Feed>,
  leaves: Leaves,
  found: AddFinding,
): Feed | null {
  const first = feed.bySeq.get(0)
  if (first?.kind !== 'reset') return null
  const { replaces, dataset } = first.statement
  const old = feeds.get(replaces.feed)
  const named = old?.bySeq.get(replaces.seq)
  const fits =
    old !== undefined &&
    nameOf(old) === nameOf(feed) &&
    // An erased statement cannot be compared.
    (named === undefined ? leaves.erased.size > 0 : named.digest === replaces.statement)
  if (fits) return old
  if (leaves.unread === 0 && (old !== undefined || leaves.erased.size === 0))
    found(
      'FEED_CHAIN',
      `feed ${feed.id} replaces no feed of this log for ${dataset} to ${feed.recipient}`,
      first.index,
    )
  return null
}

function isSameAs(first: FeedLeaf, leaf: FeedLeaf): boolean {
  return (
    purposeOf(leaf) === purposeOf(first) &&
    (leaf.kind !== 'reset' || leaf.statement.seq === 0) &&
    leaf.statement.recipient === first.statement.recipient &&
    subjectOf(leaf) === subjectOf(first)
  )
}

const nameOf = ({ kind, recipient, statements: [first] }: Feed): string =>
  `${kind} ${recipient} ${first === undefined ? '' : subjectOf(first)}`

/** One feed for each nation and dataset, and one control feed for each nation. */
function checkOnly(feed: Feed, purposes: Map<string, string>, found: AddFinding): void {
  const first = feed.bySeq.get(0)
  if (first === undefined) return
  const purpose = nameOf(feed)
  const other = purposes.get(purpose)
  if (other !== undefined)
    found('FEED_DUPLICATE', `feeds ${other} and ${feed.id} are both ${purpose.trim()}`, first.index)
  purposes.set(purpose, feed.id)
}
