import type { StatementKind } from '@entente/schema'
import type { Leaf } from './leaf.ts'

/** What hides how many statements a checkpoint covers, and which of its leaves they are. */
export interface Padding {
  /** The tree grows to a multiple of this many leaves; 1: no padding. */
  readonly padTo: number
  /** So many leaves that say nothing, dated as given. */
  readonly pads: (count: number, atMs: number) => readonly Leaf[]
  /** Uniform in 0 … below − 1. */
  readonly random: (below: number) => number
}

/** The leaves that one checkpoint adds to the log. */
export interface CheckpointGroup {
  /** In the order of the tree. */
  readonly leaves: readonly Leaf[]
  /** Where in `leaves` each leaf given stands, in the order given. */
  readonly places: readonly number[]
}

/** What a release is decided under must lie under an earlier checkpoint, so that its index tells nothing of the release. */
const before: readonly StatementKind[] = [
  'genesis',
  'policy',
  'key',
  'register',
  'releaser',
  'witness-policy',
  'partner',
]

/**
 * Turns the leaves of one checkpoint into those that are appended: pads come up to a multiple of `padTo`, and stand in a
 * random order with the releases. Other kinds keep their order in front. All share one decision time, or the order of times
 * would show what was shuffled.
 * @param given may be empty: then all are pads
 * @param size of the tree before
 * @param atMs decision time of the group
 * @throws {RangeError} for a group that would tell leaves apart
 */
export function groupUnderCheckpoint(
  given: readonly Leaf[],
  size: number,
  atMs: number,
  { padTo, pads, random }: Padding,
): CheckpointGroup {
  if (given.some((leaf) => leaf.atMs !== atMs))
    throw new RangeError('leaves under one checkpoint share one decision time')
  const isShuffled = ({ kind }: Leaf): boolean => kind === 'release' || kind === 'pad'
  if (given.some(isShuffled) && given.some(({ kind }) => before.includes(kind)))
    throw new RangeError('what a release is decided under takes an earlier checkpoint')
  const fixed = given.filter((leaf) => !isShuffled(leaf))
  const loose = [...given.filter(isShuffled), ...pads(missing(size, given.length, padTo), atMs)]
  shuffle(loose, random)
  const leaves = [...fixed, ...loose]
  const at = new Map(leaves.map((leaf, place) => [leaf, place]))
  return { leaves, places: given.map((leaf) => at.get(leaf) as number) }
}

/** How many leaves are missing to a multiple. A group in which nothing happened is as large as the smallest other. */
const missing = (size: number, count: number, padTo: number): number => {
  const over = (size + count) % padTo
  return over === 0 && count > 0 ? 0 : padTo - over
}

/** Fisher and Yates. */
function shuffle(leaves: Leaf[], random: (below: number) => number): void {
  for (let i = leaves.length - 1; i > 0; i--) {
    const j = random(i + 1)
    const [a, b] = [leaves[i] as Leaf, leaves[j] as Leaf]
    leaves[i] = b
    leaves[j] = a
  }
}
