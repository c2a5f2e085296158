import type { Clock } from '../ports/clock.ts'

/** Something done once an interval, at its start; what a stopped node has missed is done once. */
export interface Beat {
  readonly everyMs: number
  /** When it was last done, ms. */
  readonly lastMs: () => number
  readonly act: () => void | Promise<void>
}

/** Does things at fixed times that tell nothing of what else happens. */
export interface Rhythm extends AsyncDisposable {
  /** Does what is due by now, and wakes by itself for what will be. */
  readonly wake: () => Promise<void>
}

/**
 * @param anchorMs from where intervals are counted; null: not begun
 * @param mayAct asked before anything is done
 */
export function createRhythm(
  clock: Clock,
  anchorMs: () => number | null,
  mayAct: () => boolean,
  beats: readonly Beat[],
  onFault: (error: unknown) => void,
): Rhythm {
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> | null = null
  let stopped = false

  const pass = async (from: number): Promise<void> => {
    for (const { everyMs, lastMs, act } of beats)
      if (beatAt(clock.nowMs(), from, everyMs) > lastMs() && !stopped) await act()
  }
  const rearm = (from: number): void => {
    clearTimeout(timer)
    const nowMs = clock.nowMs()
    const next = Math.min(
      ...beats.map(({ everyMs }) => beatAt(nowMs, from, everyMs) + everyMs - nowMs),
    )
    if (stopped || !Number.isFinite(next)) return
    timer = setTimeout(() => void wake(), Math.min(Math.max(next, 10), longestMs))
    timer.unref()
  }
  const wake = async (): Promise<void> => {
    const from = anchorMs()
    if (stopped || from === null) return
    if (running === null && mayAct())
      running = pass(from)
        .catch(onFault)
        .finally(() => {
          running = null
        })
    await running
    rearm(from)
  }
  return {
    wake,
    [Symbol.asyncDispose]: async () => {
      stopped = true
      clearTimeout(timer)
      await running
    },
  }
}

/** A clock that is set anew is noticed within the hour. */
const longestMs = 3_600_000

/** Start of the interval that a time falls in. */
export const beatAt = (atMs: number, anchorMs: number, everyMs: number): number =>
  anchorMs + Math.floor((atMs - anchorMs) / everyMs) * everyMs

/** Checkpoints at fixed times; a node that starts waits for the next of them. */
export function cadenceBeat(clock: Clock, everyMs: number, tick: () => Promise<void>): Beat {
  let last = clock.nowMs()
  return {
    everyMs,
    lastMs: () => last,
    act: async () => {
      last = clock.nowMs()
      await tick()
    },
  }
}
