import type { Nation } from '@entente/schema'
import type { AddFinding, FindingCode } from '../finding.ts'
import type { Leaf, Leaves } from './leaves.ts'

/** A leaf that stands in a feed. */
type FeedLeaf = Leaf<'release' | 'subscribe'>

/** The statements of one node to one nation, in order. */
export interface Feed {
  /** Digest of statement 0. */
  readonly id: string
  readonly kind: FeedLeaf['kind']
  readonly recipient: Nation
  /** By seq, ascending. */
  readonly statements: readonly FeedLeaf[]
  readonly bySeq: ReadonlyMap<number, FeedLeaf>
  /** No gap, break or repeat: what stands at the end of it can be said. */
  readonly sound: boolean
}

/** Step 6: groups the statements into feeds, each gapless, chained, without repeats. */
export function openFeeds(leaves: Leaves, found: AddFinding): ReadonlyMap<string, Feed> {
  const groups = new Map<string, FeedLeaf[]>()
  for (const leaf of leaves.byIndex.values()) {
    if (leaf.kind !== 'release' && leaf.kind !== 'subscribe') continue
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
    const feed = openFeed(id, group, leaves.unread > 0, found)
    feeds.set(id, feed)
    checkOnly(feed, purposes, found)
  }
  return feeds
}

function openFeed(id: string, group: FeedLeaf[], holes: boolean, found: AddFinding): Feed {
  const statements = group.sort((a, b) => a.statement.seq - b.statement.seq || a.index - b.index)
  const first = statements[0] as FeedLeaf
  const bySeq = new Map<number, FeedLeaf>()
  let sound = true
  const fault = (code: FindingCode, { index, statement: { seq } }: FeedLeaf, what: string) => {
    sound = false
    // A leaf that cannot be read is reported as that, and may be the one that is missing here.
    if (code !== 'FEED_GAP' || !holes) found(code, `feed ${id}, statement ${seq}: ${what}`, index)
  }
  // All statements of the previous number: a repeat has its own finding, and the chain may go on from either.
  let before = new Set<string>()
  let current = new Set<string>()
  let last = -1
  for (const leaf of statements) {
    const { seq, prev } = leaf.statement
    if (seq === last) {
      fault('FEED_DUPLICATE', leaf, 'exists twice')
      current.add(leaf.digest)
      continue
    }
    before = current
    current = new Set([leaf.digest])
    if (seq !== last + 1) fault('FEED_GAP', leaf, `comes after ${last}`)
    else if (prev !== null && !before.has(prev))
      fault('FEED_CHAIN', leaf, 'names another before it')
    else if (!isSameAs(first, leaf)) fault('FEED_CHAIN', leaf, 'of another kind, nation or dataset')
    last = seq
    bySeq.set(seq, leaf)
  }
  return { id, kind: first.kind, recipient: first.statement.recipient, statements, bySeq, sound }
}

function isSameAs(first: FeedLeaf, leaf: FeedLeaf): boolean {
  return (
    leaf.kind === first.kind &&
    leaf.statement.recipient === first.statement.recipient &&
    (leaf.kind === 'subscribe' || leaf.statement.dataset === first.statement.dataset)
  )
}

/** One feed for each nation and dataset, and one control feed for each nation. */
function checkOnly(feed: Feed, purposes: Map<string, string>, found: AddFinding): void {
  const first = feed.bySeq.get(0)
  if (first === undefined) return
  const dataset = first.kind === 'release' ? first.statement.dataset : ''
  const purpose = `${feed.kind} ${feed.recipient} ${dataset}`
  const other = purposes.get(purpose)
  if (other !== undefined)
    found('FEED_DUPLICATE', `feeds ${other} and ${feed.id} are both ${purpose.trim()}`, first.index)
  purposes.set(purpose, feed.id)
}
