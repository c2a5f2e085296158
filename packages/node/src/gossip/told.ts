import { ROUND_MS } from './step.ts'

/**
 * What each partner knows for sure, since it was told or has told it itself, so that an exchange carries only what is new: with thirty
 * nations everything is some hundred kilobytes, to everybody, as often as anything is new anywhere. Everything goes all the same once in
 * a while, to whoever has just been connected, and to one that begins anew, such as a node put back to an old copy. Checkpoints are named
 * by their texts: cosignatures that come later go when everything goes.
 */
export interface Told {
  /** What of these it does not know; all of them when it has not been told all for a while. */
  readonly newTo: (peerId: string, texts: readonly string[], atMs: number) => News
  /** It has answered, so it has taken in what {@link newTo} gave. */
  readonly took: (peerId: string, news: News) => void
  /** It has told these itself. */
  readonly knows: (peerId: string, texts: readonly string[]) => void
  /** It is another process now, or may be. */
  readonly forget: (peerId: string) => void
  /**
   * It tells, unasked, of these logs, to these sizes. Whoever goes on tells something, and of no log what it has told already, or less;
   * else it begins anew, and is told everything.
   * @returns whether it begins anew
   */
  readonly hears: (peerId: string, sizes: readonly SizeOf[]) => boolean
}
export interface News {
  readonly texts: readonly string[]
  /** Null: all that there was to tell, at this time. Else what it knew besides. */
  readonly beside: Known | null
  readonly atMs: number
}
interface Known {
  /** When it was told everything. */
  readonly wholeMs: number
  /** That, and all since. */
  readonly texts: Set<string>
}
export interface SizeOf {
  readonly origin: string
  readonly size: number
}

/** Well within a round, so that each round of itself tells everything. */
const WHOLE_MS = ROUND_MS / 2

export function createTold(): Told {
  const told = new Map<string, Known>()
  /** By partner, the largest size that it has told of each log. */
  const heard = new Map<string, ReadonlyMap<string, number>>()
  return {
    newTo: (peerId, texts, atMs) => {
      const beside = told.get(peerId) ?? null
      const sinceMs = atMs - (beside?.wholeMs ?? 0)
      // Somebody may have set the clock back.
      if (beside === null || sinceMs < 0 || sinceMs >= WHOLE_MS)
        return { texts, beside: null, atMs }
      return { texts: texts.filter((text) => !beside.texts.has(text)), beside, atMs }
    },
    took: (peerId, { texts, beside, atMs }) => {
      if (beside === null) told.set(peerId, { wholeMs: atMs, texts: new Set(texts) })
      // Else it was forgotten while news were on their way: it is to be told everything.
      else if (told.get(peerId) === beside) for (const text of texts) beside.texts.add(text)
    },
    knows: (peerId, texts) => {
      const known = told.get(peerId)
      for (const text of texts) known?.texts.add(text)
    },
    forget: (peerId) => {
      told.delete(peerId)
      heard.delete(peerId)
    },
    hears: (peerId, sizes) => {
      const known = heard.get(peerId) ?? new Map<string, number>()
      const isAnew =
        sizes.length === 0 || sizes.some(({ origin, size }) => size <= (known.get(origin) ?? -1))
      if (isAnew) told.delete(peerId)
      const now = new Map(isAnew ? [] : known)
      for (const { origin, size } of sizes) now.set(origin, Math.max(size, now.get(origin) ?? -1))
      heard.set(peerId, now)
      return isAnew
    },
  }
}
