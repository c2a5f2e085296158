import type { Rate } from './rate-limit.ts'

/**
 * The most that a peer may owe, ms until it is paid. A turn that hangs on a disk, a collector or a machine that stands still is measured as
 * the peer's; it would be shut out for minutes.
 */
const MOST_DEBT_MS = 5_000

/** What each peer has used of something that is paid for at a rate; it may be so much in debt as the burst says. */
export interface Accounts {
  readonly charge: (peerId: string, cost: number) => void
  /**
   * How long until all that a peer was charged is paid for, and so much more could be, ms; 0 or less: it need not wait. What costs more than
   * half of the burst waits as if it cost that.
   */
  readonly owesMs: (peerId: string, cost?: number) => number
}

/** @param nowMs a clock that never goes back */
export function createAccounts(
  { burst, perSecond }: Rate,
  nowMs: () => number = () => performance.now(),
): Accounts {
  /** By peer, when all is paid for, ms. */
  const paidMs = new Map<string, number>()
  const paidBy = (peerId: string): number => {
    const fullMs = nowMs() - (burst * 1_000) / perSecond
    return Math.max(paidMs.get(peerId) ?? fullMs, fullMs)
  }
  return {
    charge: (peerId, cost) => {
      const untilMs = paidBy(peerId) + (cost * 1_000) / perSecond
      paidMs.set(peerId, Math.min(untilMs, nowMs() + MOST_DEBT_MS))
    },
    owesMs: (peerId, cost = 0) =>
      paidBy(peerId) + (Math.min(cost, burst / 2) * 1_000) / perSecond - nowMs(),
  }
}
