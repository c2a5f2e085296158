import type { Nation } from '@entente/schema'
import { ROUND_MS } from './step.ts'

/**
 * What each partner is known to have been told, so that an exchange carries only what is new: with thirty nations everything is
 * some hundred kilobytes, to everybody, as often as anything is new anywhere. Everything goes all the same once in a while, to
 * whoever has just been connected, and to one that begins anew, such as a node put back to an old copy.
 */
export interface Told {
  /** What of these it has not been told; all of them when it has not been told all for a while. */
  readonly newTo: (nation: Nation, notes: readonly string[], atMs: number) => News
  /** It has answered, so it has taken in what {@link newTo} gave. */
  readonly took: (nation: Nation, news: News) => void
  /** It is another process now, or may be. */
  readonly forget: (nation: Nation) => void
  /**
   * It tells, unasked, of these logs, to these sizes. Whoever goes on tells something, and of no log what it has told already, or less;
   * else it begins anew, and is told everything.
   */
  readonly hears: (nation: Nation, notes: readonly SizeOf[]) => void
}
export interface News {
  readonly notes: readonly string[]
  /** Null: all that there was to tell, at this time. Else what it was told besides. */
  readonly beside: Known | null
  readonly atMs: number
}
interface Known {
  /** When it was told everything. */
  readonly wholeMs: number
  /** That, and all since. */
  readonly notes: Set<string>
}
export interface SizeOf {
  readonly origin: string
  readonly size: number
}

/** Well within a round, so that each round of itself tells everything. */
const WHOLE_MS = ROUND_MS / 2

export function createTold(): Told {
  const told = new Map<Nation, Known>()
  /** By partner, the largest size that it has told of each log. */
  const heard = new Map<Nation, ReadonlyMap<string, number>>()
  return {
    newTo: (nation, notes, atMs) => {
      const beside = told.get(nation) ?? null
      const sinceMs = atMs - (beside?.wholeMs ?? 0)
      // Somebody may have set the clock back.
      if (beside === null || sinceMs < 0 || sinceMs >= WHOLE_MS)
        return { notes, beside: null, atMs }
      return { notes: notes.filter((note) => !beside.notes.has(note)), beside, atMs }
    },
    took: (nation, { notes, beside, atMs }) => {
      if (beside === null) told.set(nation, { wholeMs: atMs, notes: new Set(notes) })
      // Else it was forgotten while news were on their way: it is to be told everything.
      else if (told.get(nation) === beside) for (const note of notes) beside.notes.add(note)
    },
    forget: (nation) => {
      told.delete(nation)
      heard.delete(nation)
    },
    hears: (nation, notes) => {
      const known = heard.get(nation) ?? new Map<string, number>()
      const isAnew =
        notes.length === 0 || notes.some(({ origin, size }) => size <= (known.get(origin) ?? -1))
      if (isAnew) told.delete(nation)
      const now = new Map(isAnew ? [] : known)
      for (const { origin, size } of notes) now.set(origin, Math.max(size, now.get(origin) ?? -1))
      heard.set(nation, now)
    },
  }
}
