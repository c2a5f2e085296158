import type { Rate } from './rate-limit.ts'

/** What each peer has used of something that is paid for at a rate; it may be so much in debt as the burst says. */
export interface Accounts {
  readonly charge: (peerId: string, cost: number) => void
  /** How long until all that a peer was charged is paid for, ms; 0 or less: it need not wait. */
  readonly owesMs: (peerId: string) => number
}

/** @param nowMs a clock that never goes back */
export function createAccounts(
  { burst, perSecond }: Rate,
  nowMs: () => number = () => performance.now(),
): Accounts {
  /** By peer, when all is paid for, ms. */
  const paidMs = new Map<string, number>()
  return {
    charge: (peerId, cost) => {
      const fullMs = nowMs() - (burst * 1_000) / perSecond
      const from = Math.max(paidMs.get(peerId) ?? fullMs, fullMs)
      paidMs.set(peerId, from + (cost * 1_000) / perSecond)
    },
    owesMs: (peerId) => (paidMs.get(peerId) ?? 0) - nowMs(),
  }
}
