/** What one partner has said of the time, kept so that its word can neither flicker nor stand for ever. Moments are of a steady clock, ms. */
export interface ClockClaim {
  /** By how much our clock is ahead of its, by what it said last. */
  readonly aheadMs: number
  readonly heardAt: number
  /** When it last said that the two are further apart than is tolerated, and by how much; null: never, or our clock was set since. */
  readonly off: { readonly aheadMs: number; readonly at: number } | null
}

/** A partner that has called a clock off is taken to say so for this long after: one that says now this, now that, turns the word no more often. */
const STEADY_MS = 300_000

/** So long a claim is counted beside newer ones. A partner is heard every ten minutes (`ROUND_MS` of the gossip). */
const CLAIM_MS = 3_600_000

/** The claim after a partner was heard. */
export function hearClaim(
  before: ClockClaim | undefined,
  aheadMs: number,
  at: number,
  toleranceMs: number,
): ClockClaim {
  const isOff = Math.abs(aheadMs) > toleranceMs
  return { aheadMs, heardAt: at, off: isOff ? { aheadMs, at } : (before?.off ?? null) }
}

/** The claim after our own clock was set by so much: what was off before need not be so any more, and nobody has to be waited for. */
export const shiftClaim = (claim: ClockClaim, byMs: number): ClockClaim => ({
  ...claim,
  aheadMs: claim.aheadMs + byMs,
  off: null,
})

/** What a claim comes to now: the cautious word for `STEADY_MS`, then the last. */
export const standsFor = ({ aheadMs, off }: ClockClaim, at: number): number =>
  off !== null && at - off.at < STEADY_MS ? off.aheadMs : aheadMs

export const isFresh = ({ heardAt }: ClockClaim, at: number): boolean => at - heardAt < CLAIM_MS
