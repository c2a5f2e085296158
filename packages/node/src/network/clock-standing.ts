import type { Nation } from '@entente/schema'
import type { Clock } from '../ports/clock.ts'
import { type ClockClaim, hearClaim, isFresh, shiftClaim, standsFor } from './clock-claim.ts'

/** By how much this node's clock is off, as most partners heard in this process see it. */
export interface ClockOff {
  /** Above zero: ours is ahead. */
  readonly byMs: number
  /** Partners whose clocks say so. */
  readonly nations: readonly Nation[]
}

/**
 * What this node knows of its own clock. A clock that is a day ahead would put a leaf into its log that nobody admits, and behind
 * which nothing can be decided for a day: so what widens waits while most partners say that it is off, and what narrows takes the
 * time of the last leaf. Partners are never followed: a clock is set by people. What was said an hour ago no longer counts beside
 * what was said since; where nobody has been heard since, or fewer say that the clock is right than said then that it is off, it stands:
 * silence lets nothing go that waited.
 */
export interface ClockStanding {
  /** A partner said what time it is, between these two moments of ours. */
  readonly heard: (nation: Nation, theirMs: number, fromMs: number, untilMs: number) => void
  readonly off: () => ClockOff | null
  /** By how much a partner's clock is off ours, ms; above zero: it is ahead. Null: it has not been heard of late, or is within what is tolerated. */
  readonly offOf: (nation: Nation) => number | null
  /** Told when the first partner is heard, when the clock is found off, and when it is right again. */
  readonly on: (listener: () => void) => void
  /** Looks whether somebody has set the clock since. */
  readonly look: () => void
}

/** An answer that takes longer is given up long before. */
const MOST_EXCHANGE_MS = 60_000

/**
 * @param toleranceMs δ of the witness policy
 * @param steady a clock that nobody sets, ms
 */
export function createClockStanding(
  clock: Clock,
  partners: () => Iterable<Nation>,
  toleranceMs: number,
  steady: () => number = () => performance.now(),
): ClockStanding {
  const claims = new Map<Nation, ClockClaim>()
  const listeners = new Set<() => void>()
  let last: 'unknown' | 'right' | 'off' = 'unknown'
  let steadyMs = clock.nowMs()
  let steadyAt = steady()
  /** Whoever sets the clock of a running node makes all that was heard untrue. */
  const noteJump = (): void => {
    const nowMs = clock.nowMs()
    const passed = steady() - steadyAt
    const jumpMs = nowMs - steadyMs - passed
    steadyMs = nowMs
    steadyAt = steady()
    if (Math.abs(jumpMs) < 1_000) return
    for (const [nation, claim] of claims) claims.set(nation, shiftClaim(claim, jumpMs))
  }
  const judge = (): ClockOff | null => {
    noteJump()
    const at = steady()
    const all = [...partners()].flatMap((nation) => {
      const claim = claims.get(nation)
      return claim === undefined ? [] : [{ nation, claim }]
    })
    const fresh = all.filter(({ claim }) => isFresh(claim, at))
    const isOff = ({ claim }: (typeof all)[number]) => Math.abs(standsFor(claim, at)) > toleranceMs
    const gone = all.filter((each) => isOff(each) && !isFresh(each.claim, at))
    const right = fresh.filter((each) => !isOff(each))
    // What several have called off, fewer do not call right while those are silent.
    const counted = fresh.length > 0 && right.length >= gone.length ? fresh : all
    return judgeClock(
      new Map(counted.map(({ nation, claim }) => [nation, standsFor(claim, at)])),
      toleranceMs,
    )
  }
  const look = (): void => {
    const now = judge() === null ? (claims.size > 0 ? 'right' : 'unknown') : 'off'
    if (now === last) return
    last = now
    for (const listener of listeners) listener()
  }
  return {
    heard: (nation, theirMs, fromMs, untilMs) => {
      noteJump()
      // Somebody has set our clock between the two moments: they are of two clocks, and the middle of them of none.
      if (untilMs < fromMs || untilMs - fromMs > MOST_EXCHANGE_MS) return
      const aheadMs = Math.round((fromMs + untilMs) / 2) - theirMs
      claims.set(nation, hearClaim(claims.get(nation), aheadMs, steady(), toleranceMs))
      look()
    },
    look,
    off: judge,
    offOf: (nation) => {
      noteJump()
      const claim = claims.get(nation)
      if (claim === undefined || !isFresh(claim, steady())) return null
      const ms = standsFor(claim, steady())
      return Math.abs(ms) <= toleranceMs ? null : -ms
    },
    on: (listener) => listeners.add(listener),
  }
}

/**
 * Off when more than half of the partners heard say so, and by the median of what these say.
 * @param aheadMs of each partner heard, by how much ours is ahead of its
 */
export function judgeClock(
  aheadMs: ReadonlyMap<Nation, number>,
  toleranceMs: number,
): ClockOff | null {
  for (const sign of [1, -1]) {
    const off = [...aheadMs]
      .filter(([, ms]) => sign * ms > toleranceMs)
      .sort(([, a], [, b]) => a - b)
    if (off.length * 2 <= aheadMs.size) continue
    const [, byMs = 0] = off[Math.floor(off.length / 2)] ?? []
    return { byMs, nations: off.map(([nation]) => nation).sort() }
  }
  return null
}

/** What is wrong with the clock, and what to do. */
export function clockWords(off: ClockOff | null): string | null {
  if (off === null) return null
  const { byMs, nations } = off
  const which = byMs > 0 ? 'ahead of' : 'behind'
  return `the clock of this node is ${spanOf(Math.abs(byMs))} ${which} ${nations.length === 1 ? 'that' : 'those'} of ${nations.join(', ')}: nothing that widens is released until it is right; set it`
}

const spanOf = (ms: number): string => {
  const minutes = Math.round(ms / 60_000)
  return minutes < 120
    ? `${minutes} min`
    : minutes < 72 * 60
      ? `${Math.round(minutes / 60)} h`
      : `${Math.round(minutes / 1_440)} days`
}
