import { type Composition, mustDrop, mustDropAll } from '@entente/policy'

/** What a recipient holds of one record by our own sealed word: its digest and the level of each field. */
export interface Held {
  readonly dataset: string
  readonly digest: string
  readonly fields: Readonly<Record<string, string>>
}

/** What must be said to one recipient about one record; a drop always goes before a put. */
export interface Change {
  /** Fields taken away or coarsened; `all` takes the whole fragment. */
  readonly drop: 'all' | readonly string[] | null
  readonly put: boolean
}

const nothing: Change = { drop: null, put: false }
/**
 * Compares what a recipient may have with what it holds. Nothing is put whose bytes have not changed; a field that is
 * lost, made coarser or put in another form is dropped first, so that nobody who misses the put keeps what was. Where a name
 * gives way to a pseudonym, or the other way round, all is dropped: without either nothing may be held.
 */
export function changeFor(held: Held | null, now: Composition): Change {
  if (now.fragment === null) return held === null ? nothing : { drop: 'all', put: false }
  if (held === null) return { drop: null, put: true }
  const lost = Object.keys(held.fields)
    .filter((field) => mustDrop(held.fields[field] ?? 'exact', now.levels[field]))
    .sort()
  const same = now.digest === held.digest && now.fields.every((field) => field in held.fields)
  const all =
    lost.length === Object.keys(held.fields).length || mustDropAll(held.fields, now.levels)
  const drop = lost.length === 0 ? null : all ? 'all' : lost
  return { drop, put: !same }
}
