import type { Composition } from '@entente/policy'
import type { Leaf, Leaves } from '../statements/leaves.ts'
import type { Recompose, Recomposed } from './recompose.ts'
import { type Drop, type RecordHistory, standingAt } from './released.ts'

/** A drop, and what was decided when it was made. */
export interface DropCase {
  readonly leaf: Leaf<'release'>
  readonly entry: Drop['entry']
  readonly history: RecordHistory
  readonly again: Recomposed
  readonly leaves: Leaves
  readonly recompose: Recompose
}

/**
 * Whether the decision gives a drop: nothing of the record may go, it has moved to another dataset, or each field named
 * may no longer go, or only coarser than it was put. The put that follows a coarsening may wait for an officer.
 */
export function isDropDue({ leaf, entry, history, again, leaves, recompose }: DropCase): boolean {
  const { source, composition } = again
  if (source === null || composition === null || composition.fragment === null) return true
  if (source.dataset !== leaf.statement.dataset) return true
  const standing = standingAt(history, leaf.statement.seq - 1)
  if (standing === null) return true
  const put = leaves.byIndex.get(standing.put.index)
  const before = put?.kind === 'release' ? recompose(put, entry.record) : null
  // What the put was decided on cannot be had: that has its own finding.
  if (before === null || 'code' in before || before.composition === null) return true
  const { levels } = before.composition
  const dropped = entry.fields ?? standing.fields
  return dropped
    .filter((field) => standing.fields.includes(field))
    .every((field) => rankOf(composition.levels[field]) > rankOf(levels[field]))
}

/** How coarse; a field that does not go at all is coarser than any band. */
const rankOf = (level: Composition['levels'][string] | undefined) =>
  level === undefined ? 3 : { exact: 0, fine: 1, coarse: 2 }[level]
