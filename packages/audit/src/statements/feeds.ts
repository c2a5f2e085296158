import { type FeedKind, feedKinds, type Nation } from '@entente/schema'
import type { AddFinding, FindingCode } from '../finding.ts'
import type { Leaf, Leaves } from './leaves.ts'

/** A leaf that stands in a feed. */
export type FeedLeaf = Leaf<FeedKind>

/**
 * What a feed is for: a dataset (what was released, recalled, begun anew), a joint document (changes and votes), or
 * everything else that one nation says to another.
 */
export type FeedSubject =
  | { readonly of: 'dataset'; readonly name: string }
  | { readonly of: 'document'; readonly name: string }
  | { readonly of: 'control'; readonly name: '' }

/** The statements of one node to one nation, in order. */
export interface Feed {
  /** Digest of statement 0. */
  readonly id: string
  readonly subject: FeedSubject
  /** Of a joint document: all members that it is addressed to, joined by commas, which is no nation's code. */
  readonly recipient: Nation
  /** By seq, ascending. */
  readonly statements: readonly FeedLeaf[]
  readonly bySeq: Pick<ReadonlyMap<number, FeedLeaf>, 'get'> & {
    readonly values: () => Iterable<FeedLeaf>
  }
  /** No gap, break or repeat: what stands at the end of it can be said. */
  readonly sound: boolean
  /** The last statement that is missing between others and may be one that was erased; -1: none is. */
  readonly erasedTo: number
  /** The feed that a reset has put in place of this one; null: it goes on. */
  readonly replacedBy: Feed | null
  /** Another node of the nation was handed what it was for: it ends, and what it gave is replaced by a feed of that node's log. */
  readonly isHandedOver: boolean
}

const kinds: ReadonlySet<string> = new Set(feedKinds)

/** Whether a leaf stands in a feed, or is the log's own. */
export const isFeedLeaf = (leaf: Leaf): leaf is FeedLeaf => kinds.has(leaf.kind)

/** Id of the feed that a statement stands in: statement 0 gives it its name. */
export const feedOf = ({ statement, digest }: FeedLeaf): string => statement.feed ?? digest

/**
 * Step 6: groups the statements into feeds, each gapless, chained, without repeats.
 * @param hasOtherLogs the nation has nodes with other logs, whose feeds those of this one may replace: `checkReleasers` looks at that
 */
export function openFeeds(
  leaves: Leaves,
  found: AddFinding,
  hasOtherLogs = false,
): ReadonlyMap<string, Feed> {
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
    const id = feedOf(leaf)
    const group = groups.get(id)
    if (group === undefined) groups.set(id, [leaf])
    else group.push(leaf)
  }
  const feeds = new Map<string, Feed>()
  const purposes = new Map<string, string>()
  // Which statements were erased, nobody can say: each may be missing from one place.
  const erased = { left: leaves.erased.size }
  for (const [id, group] of groups) {
    const feed = openFeed(id, group, leaves, erased, found)
    feeds.set(id, feed)
    checkOnly(feed, purposes, leaves, hasOtherLogs ? groups : null, found)
    replace(feed, feeds, leaves, found)
  }
  for (const leaf of leaves.byIndex.values()) {
    const ended = leaf.kind === 'releaser' ? feeds.get(leaf.statement.head?.feed ?? '') : undefined
    if (ended !== undefined) feeds.set(ended.id, { ...ended, isHandedOver: true })
  }
  return feeds
}

function openFeed(
  id: string,
  group: FeedLeaf[],
  leaves: Leaves,
  erased: { left: number },
  found: AddFinding,
): Feed {
  const statements = group.sort((a, b) => a.statement.seq - b.statement.seq || a.index - b.index)
  const first = statements[0] as FeedLeaf
  const subject = subjectOf(first)
  const recipient = recipientOf(first)
  const only: FeedLeaf[] = []
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
    // What was erased may be what is missing: the chain across it cannot be checked.
    if (missing > 0 && missing <= erased.left) {
      erased.left -= missing
      erasedTo = seq - 1
    } else if (missing > 0) fault('FEED_GAP', leaf, `comes after ${last}`)
    else if (prev !== null && !before.has(prev))
      fault('FEED_CHAIN', leaf, 'names another before it')
    else if (recipientOf(leaf) !== recipient) fault('FEED_CHAIN', leaf, 'of another nation')
    else if (!mayStandIn(subject, leaf))
      fault('FEED_CHAIN', leaf, `a ${leaf.kind} of something else`)
    last = seq
    only.push(leaf)
  }
  const bySeq = tableOf(only)
  return {
    id,
    subject,
    recipient,
    statements,
    bySeq,
    sound,
    erasedTo,
    replacedBy: null,
    isHandedOver: false,
  }
}

/** Leaves by seq, ascending, each seq once: where none is missing the seq is the place. */
function tableOf(leaves: readonly FeedLeaf[]): Feed['bySeq'] {
  const find = (seq: number): FeedLeaf | undefined => {
    let low = 0
    for (let high = leaves.length; low < high; ) {
      const middle = (low + high) >> 1
      if ((leaves[middle] as FeedLeaf).statement.seq < seq) low = middle + 1
      else high = middle
    }
    return leaves[low]?.statement.seq === seq ? leaves[low] : undefined
  }
  return {
    get: (seq) => (leaves[seq]?.statement.seq === seq ? leaves[seq] : find(seq)),
    values: () => leaves.values(),
  }
}

/** Closes the feed that this one replaces; the reset must name a statement of it. */
function replace(feed: Feed, feeds: Map<string, Feed>, leaves: Leaves, found: AddFinding): void {
  const first = feed.bySeq.get(0)
  if (first?.kind !== 'reset') return
  const { replaces } = first.statement
  const old = feeds.get(replaces.feed)
  // That there is none is found where feeds are counted.
  if (old === undefined) return
  const named = old.bySeq.get(replaces.seq)
  const mayBeErased = named === undefined && leaves.unread + leaves.erased.size > 0
  if (named?.digest !== replaces.statement && !mayBeErased)
    found(
      'FEED_CHAIN',
      `feed ${feed.id} replaces ${old.id} after a statement that is none of it`,
      first.index,
    )
  feeds.set(old.id, { ...old, replacedBy: feed })
}

const recipientOf = ({ kind, statement }: FeedLeaf): Nation =>
  kind === 'joint' || kind === 'vote' ? statement.recipients.join(',') : statement.recipient

/** What the first statement of a feed makes it. */
function subjectOf({ kind, statement, digest }: FeedLeaf): FeedSubject {
  if (kind === 'release' || kind === 'reset') return { of: 'dataset', name: statement.dataset }
  if (kind === 'joint' || kind === 'vote')
    return { of: 'document', name: statement.document ?? digest }
  return { of: 'control', name: '' }
}

/** A recall may stand behind what it takes back, or ahead of it in the control feed; a reset only begins a feed. */
function mayStandIn({ of, name }: FeedSubject, { kind, statement }: FeedLeaf): boolean {
  if (kind === 'recall') return of === 'control' || (of === 'dataset' && statement.dataset === name)
  if (kind === 'release') return of === 'dataset' && statement.dataset === name
  if (kind === 'reset') return of === 'dataset' && statement.seq === 0
  if (kind === 'joint' || kind === 'vote')
    return of === 'document' && (statement.document ?? name) === name
  return of === 'control'
}

/** One feed for each nation and subject; a reset is the one way to begin it anew, and names the one it replaces. */
function checkOnly(
  feed: Feed,
  purposes: Map<string, string>,
  leaves: Leaves,
  here: ReadonlyMap<string, unknown> | null,
  found: AddFinding,
): void {
  const first = feed.bySeq.get(0)
  if (first === undefined) return
  const { of, name } = feed.subject
  const purpose = `${of} ${name}`.trim()
  const id = `${feed.recipient} ${purpose}`
  const other = purposes.get(id)
  const replaces = first.kind === 'reset' ? first.statement.replaces.feed : undefined
  const isElsewhere = here !== null && replaces !== undefined && !here.has(replaces)
  // All of the feed that it replaces may have been erased.
  const isErased = other === undefined && leaves.erased.size > 0
  if (other !== replaces && !isErased && !isElsewhere)
    found(
      'FEED_DUPLICATE',
      other === undefined
        ? `feed ${feed.id} replaces ${replaces}, which is no feed of ${purpose} to ${feed.recipient}`
        : `feeds ${other} and ${feed.id} are both ${purpose} to ${feed.recipient}`,
      first.index,
    )
  purposes.set(id, feed.id)
}
