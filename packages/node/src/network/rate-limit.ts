/** What one peer may ask at a time, and how much more each second. */
export interface Rate {
  readonly burst: number
  readonly perSecond: number
}

/**
 * Far more than an honest log asks of a witness, one checkpoint after the other; each question costs it two durable writes at
 * the most.
 */
export const WITNESS_RATE: Rate = { burst: 200, perSecond: 50 }
/** Gossip goes when something is new, and each frame may name every log there is. */
export const GOSSIP_RATE: Rate = { burst: 40, perSecond: 2 }
/** A whole log read at once takes a request for each 256 leaves. */
export const LOG_RATE: Rate = { burst: 2_000, perSecond: 200 }

/** A bucket of tokens for each peer. */
export interface RateLimit {
  /** Takes one token. @returns false: the peer asks too often, and is told so */
  readonly take: (peer: string) => boolean
}

export const TOO_OFTEN = 'asked too often: wait some seconds and ask again'

/** The most peers whose buckets are kept. */
const MOST_PEERS = 10_000

/** @param nowMs a clock that never goes back: how long ago, not when */
export function createRateLimit(
  { burst, perSecond }: Rate,
  nowMs: () => number = () => performance.now(),
): RateLimit {
  const buckets = new Map<string, { readonly tokens: number; readonly atMs: number }>()
  return {
    take: (peer) => {
      const atMs = nowMs()
      const bucket = buckets.get(peer) ?? { tokens: burst, atMs }
      const tokens = Math.min(burst, bucket.tokens + ((atMs - bucket.atMs) / 1000) * perSecond)
      // Whoever asked last stands last: the first is the one whose bucket is fullest again.
      buckets.delete(peer)
      const [oldest] = buckets.size < MOST_PEERS ? [] : buckets.keys()
      if (oldest !== undefined) buckets.delete(oldest)
      buckets.set(peer, { tokens: tokens < 1 ? tokens : tokens - 1, atMs })
      return tokens >= 1
    },
  }
}
