import type { JointTerms, Nation, StatementPlace, VoteSeal } from '@entente/schema'

/** A change that was admitted, with what the changes after it are checked against. */
export interface AdmittedChange {
  /** Automerge's hash of it, hex. */
  readonly hash: string
  readonly writer: Nation
  readonly place: StatementPlace
  readonly actor: string
  readonly actorSeq: number
  /** Hashes of what it builds on, hex. */
  readonly deps: readonly string[]
  /** Highest operation in it and in all that it builds on. */
  readonly maxOp: number
  /** Of each actor, how many of its changes are in it and in all that it builds on. */
  readonly clock: ReadonlyMap<string, number>
  /** It was admitted when what it builds on was struck already: nothing but its place has been checked. */
  readonly struck: boolean
}

/** A vote that was admitted. */
export interface AdmittedVote {
  readonly writer: Nation
  readonly place: StatementPlace
  readonly heads: readonly string[]
  readonly choice: 'endorse' | 'object' | 'withdraw'
  readonly atMs: number
  /** Who sealed it, and when; null: nobody. Whether the key is an officer's, the roster says. */
  readonly seal: Pick<VoteSeal, 'nation' | 'key' | 'at'> | null
}

/** How far the feed of one writer has come. */
export interface WriterState {
  readonly feed: string
  readonly seq: number
  /** Digest of its last statement. */
  readonly last: string
}

/** One joint document as one member knows it; a value. */
export interface DocumentState {
  readonly id: string
  readonly creator: Nation
  readonly terms: JointTerms
  readonly writers: ReadonlyMap<Nation, WriterState>
  /** By hash, in the order in which they were admitted. */
  readonly changes: ReadonlyMap<string, AdmittedChange>
  /** In the order in which they were admitted. */
  readonly votes: readonly AdmittedVote[]
  readonly twice: ReadonlyMap<Nation, Twice>
}

/** Two statements that a writer has signed for one place: the first such place, and, where they are first statements, the feeds that they begin. */
export interface Twice {
  readonly seq: number
  readonly feeds: readonly string[]
}

/**
 * Changes that no longer count: of a writer that has signed two statements for one place, all from there on; and whatever builds on
 * such a change. It follows from what is admitted and proven alone, whatever the order, so that all members come to the same.
 */
export function struckIn({
  changes,
  twice,
}: Pick<DocumentState, 'changes' | 'twice'>): Set<string> {
  const struck = new Set<string>()
  if (twice.size === 0) return struck
  for (const { hash, writer, place, deps, ...change } of changes.values())
    if (
      change.struck ||
      place.seq >= (twice.get(writer)?.seq ?? Number.POSITIVE_INFINITY) ||
      deps.some((dep) => struck.has(dep))
    )
      struck.add(hash)
  return struck
}

/** Changes that count, in an order in which each comes after what it builds on. */
export function countingChanges(state: DocumentState): AdmittedChange[] {
  const struck = struckIn(state)
  return [...state.changes.values()].filter(({ hash }) => !struck.has(hash))
}

/** Heads of what counts: changes that no other builds on. Sorted. */
export function headsOf(state: DocumentState): string[] {
  const counting = countingChanges(state)
  const heads = new Set(counting.map(({ hash }) => hash))
  for (const { deps } of counting) for (const dep of deps) heads.delete(dep)
  return [...heads].sort()
}

/** Highest operation and clocks of several changes together. */
export function joinedOf(changes: Iterable<Pick<AdmittedChange, 'maxOp' | 'clock'>>): {
  readonly maxOp: number
  readonly clock: Map<string, number>
} {
  const clock = new Map<string, number>()
  let maxOp = 0
  for (const change of changes) {
    maxOp = Math.max(maxOp, change.maxOp)
    for (const [actor, seq] of change.clock) clock.set(actor, Math.max(seq, clock.get(actor) ?? 0))
  }
  return { maxOp, clock }
}
