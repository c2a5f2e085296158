export interface RedialDeps {
  readonly selfId: string
  readonly isConnected: (peerId: string) => boolean
  /** One attempt; rejects when it fails. */
  readonly dial: (peerId: string) => Promise<void>
  /** Wait before the second attempt; it doubles with each failure up to `maxDelayMs`. */
  readonly minDelayMs: number
  readonly maxDelayMs: number
}

export interface Redialer {
  /** Replaces the peers to keep connected. */
  readonly watch: (peerIds: readonly string[]) => void
  /** A connection was lost. */
  readonly lost: (peerId: string) => void
  readonly stop: () => void
}

/**
 * Keeps peers connected for ever. libp2p's own reconnection never retries a peer that was absent at
 * the start. Of two peers, the one with the higher id gives the other a head start, so that as a
 * rule only one connection is made.
 */
export function createRedialer(deps: RedialDeps): Redialer {
  const failures = new Map<string, number>()
  const timers = new Map<string, NodeJS.Timeout>()

  const schedule = (peerId: string): void => {
    const failed = failures.get(peerId)
    if (failed === undefined) return
    const headStart = deps.selfId < peerId ? 0 : deps.minDelayMs * 2
    const backoff = failed === 0 ? 0 : deps.minDelayMs * 2 ** Math.min(failed - 1, 20)
    clearTimeout(timers.get(peerId))
    const timer = setTimeout(attempt, Math.min(headStart + backoff, deps.maxDelayMs), peerId)
    timers.set(peerId, timer.unref())
  }

  const attempt = (peerId: string): void => {
    if (deps.isConnected(peerId)) return
    deps.dial(peerId).then(
      () => settle(peerId, true),
      () => settle(peerId, false),
    )
  }

  const settle = (peerId: string, succeeded: boolean): void => {
    const failed = failures.get(peerId)
    if (failed === undefined) return
    const isUp = succeeded && deps.isConnected(peerId)
    failures.set(peerId, isUp ? 0 : failed + 1)
    if (!deps.isConnected(peerId)) schedule(peerId)
  }

  return {
    watch: (peerIds) => {
      for (const peerId of failures.keys()) {
        if (peerIds.includes(peerId)) continue
        failures.delete(peerId)
        clearTimeout(timers.get(peerId))
        timers.delete(peerId)
      }
      for (const peerId of peerIds) {
        failures.set(peerId, 0)
        if (!deps.isConnected(peerId)) schedule(peerId)
      }
    },
    lost: schedule,
    stop: () => {
      failures.clear()
      for (const timer of timers.values()) clearTimeout(timer)
      timers.clear()
    },
  }
}
