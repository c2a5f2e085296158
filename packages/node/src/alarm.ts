import type { Clock } from './ports/clock.ts'

/** Does something when its time has come. */
export interface Alarm extends Disposable {
  /** Does what is due by now, and sets itself anew. */
  readonly wake: () => void
}

/** A clock that is set anew, or a machine that slept, is late by no more than this. */
const LONGEST_MS = 60_000
const AGAIN_MS = 5_000

/** @param nextMs when something is due next; infinite: nothing is awaited */
export function createAlarm(clock: Clock, nextMs: () => number, act: () => void): Alarm {
  let timer: NodeJS.Timeout | undefined
  let stopped = false
  const wake = (): void => {
    if (stopped) return
    clearTimeout(timer)
    const beganMs = clock.nowMs()
    act()
    const dueMs = nextMs()
    if (!Number.isFinite(dueMs)) return
    // What was due and could not be done, as by a node that may not sign now, is tried again; what fell due meanwhile was not tried.
    const waitMs = dueMs <= beganMs ? AGAIN_MS : Math.max(dueMs - clock.nowMs(), 10)
    timer = setTimeout(wake, Math.min(waitMs, LONGEST_MS))
    timer.unref()
  }
  return {
    wake,
    [Symbol.dispose]: () => {
      stopped = true
      clearTimeout(timer)
    },
  }
}
