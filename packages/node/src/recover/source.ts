import type { BackedLeaf } from '../backup/backed-leaf.ts'

/** What one place still has of a log that this node has lost the end of. Nothing in it is believed yet. */
export interface RecoverySource {
  /** As messages name it. */
  readonly name: string
  /** Signed notes of checkpoints. */
  readonly notes: readonly string[]
  /** Leaves with what opens them. */
  readonly leaves: readonly BackedLeaf[]
  /** Bare entries by index: enough for the tree, and open nothing. */
  readonly entries: ReadonlyMap<number, Uint8Array>
  /** Our own last word on each of a partner's feeds, as the partner holds it. */
  readonly acknowledgements: readonly string[]
}
