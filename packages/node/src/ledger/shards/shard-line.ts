import type { ShardOrigin } from './shard-document.ts'

/**
 * A shard and those that took its place, one after another, are one line, named by the first of them. Of one line every
 * node keeps one: that which replaced most, of equals the lesser id. Equals come about when a node is set back to an older
 * copy and compacts again.
 */
export interface Place {
  readonly id: string
  readonly line: string
  /** Shards that it replaced, directly and by them. */
  readonly depth: number
}

export const placeOf = (id: string, { replaces }: Pick<ShardOrigin, 'replaces'>): Place => ({
  id,
  line: replaces.at(-1) ?? id,
  depth: replaces.length,
})

/** Whether the first of two shards of one line is the one that stays. */
export const outranks = (a: Pick<Place, 'id' | 'depth'>, b: Pick<Place, 'id' | 'depth'>): boolean =>
  a.depth > b.depth || (a.depth === b.depth && a.id < b.id)
