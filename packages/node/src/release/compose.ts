import type { Composition } from '@entente/policy'

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
const coarseness: Record<string, number> = { exact: 0, fine: 1, coarse: 2 }
const coarser = (now: string, before: string) => (coarseness[now] ?? 9) > (coarseness[before] ?? 0)

/**
 * Compares what a recipient may have with what it holds. Nothing is put whose bytes have not changed; a field that is
 * lost or made coarser is dropped first, so that nobody who misses the put keeps the finer value.
 */
export function changeFor(held: Held | null, now: Composition): Change {
  if (now.fragment === null) return held === null ? nothing : { drop: 'all', put: false }
  if (held === null) return { drop: null, put: true }
  const lost = Object.keys(held.fields)
    .filter((field) => {
      const level = now.levels[field]
      return level === undefined || coarser(level, held.fields[field] ?? 'exact')
    })
    .sort()
  const same = now.digest === held.digest && now.fields.every((field) => field in held.fields)
  const drop =
    lost.length === 0 ? null : lost.length === Object.keys(held.fields).length ? 'all' : lost
  return { drop, put: !same }
}
