import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createAlarm } from '../src/alarm.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** Something is due at 1,000 ms, and done or only tried; to try takes so long. */
const alarmAt = (startMs: number, { takesMs = 0, canAct = true }) => {
  vi.setSystemTime(startMs)
  const tried: number[] = []
  let dueMs = 1_000
  const alarm = createAlarm(
    { nowMs: () => Date.now() },
    () => dueMs,
    () => {
      const atMs = Date.now()
      tried.push(atMs)
      if (canAct && atMs >= dueMs) dueMs = Infinity
      vi.setSystemTime(atMs + takesMs)
    },
  )
  return { alarm, tried }
}

test('what falls due while the alarm looks is done at once, not after the pause of what could not be done', () => {
  const { alarm, tried } = alarmAt(999, { takesMs: 1 })
  using _ = alarm
  alarm.wake()
  vi.advanceTimersByTime(60_000)
  expect(tried).toEqual([999, 1_010])
})

test('what was due and could not be done is tried again every five seconds', () => {
  const { alarm, tried } = alarmAt(1_000, { canAct: false })
  using _ = alarm
  alarm.wake()
  vi.advanceTimersByTime(10_000)
  expect(tried).toEqual([1_000, 6_000, 11_000])
})
