import { mustDrop, mustDropAll } from '@entente/policy'
import { type DataRecord, identityOf, ownOf, widensLimit } from '@entente/schema'
import type { Leaf } from '../statements/leaves.ts'
import type { Composed } from '../work/task.ts'
import type { Drop, Standing } from './released.ts'

/** A drop, and what was decided when it was made. */
export interface DropCase {
  readonly leaf: Leaf<'release'>
  readonly entry: Drop['entry']
  /** The record as it was decided on; null: it is gone. */
  readonly source: DataRecord | null
  /** What may go of it; null: nothing. */
  readonly now: Composed | null
  /** What stood before the drop; null: nothing. */
  readonly standing: Standing | null
  /** What the put that stood was decided to be; null: that cannot be had. */
  readonly before: Composed | null
}

/**
 * Whether the decision gives a drop: nothing of the record may go, it has moved to another dataset, or each field named
 * may no longer go, only coarser, in another form or for fewer roles than it was put. The put that follows may wait for an officer. All of it is
 * dropped where a name gives way to a pseudonym, or the other way round, and where every field that names it is.
 */
export function isDropDue({ leaf, entry, source, now, standing, before }: DropCase): boolean {
  if (source === null || now === null || now.digest === null) return true
  if (source.dataset !== leaf.statement.dataset) return true
  // What the put was decided on cannot be had: that has its own finding.
  if (standing === null || before === null) return true
  if (entry.fields === undefined && mustDropAll(before.levels, now.levels)) return true
  const mustGo = (field: string): boolean => {
    const was = ownOf(before.levels, field)
    const isCut = widensLimit(ownOf(now.roles, field) ?? null, ownOf(before.roles, field) ?? null)
    return isCut || (was !== undefined && mustDrop(was, ownOf(now.levels, field)))
  }
  const naming = identityOf(source.kind).filter((field) => standing.fields.includes(field))
  if (entry.fields === undefined && naming.length > 0 && naming.every(mustGo)) return true
  const dropped = entry.fields ?? standing.fields
  return dropped.filter((field) => standing.fields.includes(field)).every(mustGo)
}
