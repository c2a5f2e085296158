import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type Beat, beatAt, cadenceBeat, createRhythm } from '../src/log/rhythm.ts'

const hour = 3_600_000
const quarter = hour / 4
const anchor = Date.UTC(2026, 8, 21, 10, 7)

beforeEach(() => void vi.useFakeTimers({ now: anchor }))
afterEach(() => void vi.useRealTimers())
const clock = { nowMs: () => Date.now() }

/** Notes when it was done. */
function noting(everyMs: number, lastMs = anchor) {
  const times: number[] = []
  const beat: Beat = {
    everyMs,
    lastMs: () => times.at(-1) ?? lastMs,
    act: () => void times.push(Date.now()),
  }
  return { beat, times }
}
const rhythmOf = (beats: readonly Beat[], mayAct = () => true, faults: unknown[] = []) =>
  createRhythm(
    clock,
    () => anchor,
    mayAct,
    beats,
    (error) => faults.push(error),
  )

describe('what is done once an interval', () => {
  test('is done at the start of each, counted from the anchor', async () => {
    const { beat, times } = noting(quarter)
    await using rhythm = rhythmOf([beat])
    await rhythm.wake()
    await vi.advanceTimersByTimeAsync(hour)
    expect(times).toEqual([1, 2, 3, 4].map((n) => anchor + n * quarter))
  })

  test('is done once, not hundreds of times, after a stop of many hours, and then in time again', async () => {
    const { beat, times } = noting(quarter)
    const started = anchor + 100 * hour + 60_000
    vi.setSystemTime(started)
    await using rhythm = rhythmOf([beat])
    await rhythm.wake()
    await rhythm.wake()
    expect(times).toEqual([started])
    await vi.advanceTimersByTimeAsync(quarter)
    expect(times).toEqual([started, anchor + 100 * hour + quarter])
  })

  test('waits for a node that may not act, and for a log that has not begun', async () => {
    const { beat, times } = noting(quarter)
    let may = false
    await using rhythm = rhythmOf([beat], () => may)
    await using unbegun = createRhythm(
      clock,
      () => null,
      () => true,
      [beat],
      () => {},
    )
    vi.setSystemTime(anchor + hour)
    await rhythm.wake()
    await unbegun.wake()
    expect(times).toEqual([])
    may = true
    await rhythm.wake()
    expect(times).toEqual([anchor + hour])
  })

  test('is not done twice when the clock is set back', async () => {
    const { beat, times } = noting(quarter)
    await using rhythm = rhythmOf([beat])
    vi.setSystemTime(anchor + hour)
    await rhythm.wake()
    vi.setSystemTime(anchor + quarter)
    await rhythm.wake()
    expect(times).toHaveLength(1)
  })

  test('goes on after a fault, which is told', async () => {
    const faults: unknown[] = []
    const failing: Beat = {
      everyMs: quarter,
      lastMs: () => 0,
      act: () => {
        throw new Error('disk full')
      },
    }
    await using rhythm = rhythmOf([failing], () => true, faults)
    await rhythm.wake()
    await vi.advanceTimersByTimeAsync(quarter)
    expect(faults.length).toBe(2)
  })

  test('ends with the node', async () => {
    const { beat, times } = noting(quarter)
    await rhythmOf([beat])[Symbol.asyncDispose]()
    const rhythm = rhythmOf([beat])
    await rhythm.wake()
    await rhythm[Symbol.asyncDispose]()
    await vi.advanceTimersByTimeAsync(hour)
    expect(times).toEqual([])
  })
})

test('a node that starts waits for the next fixed time of its cadence', async () => {
  const ticks: number[] = []
  vi.setSystemTime(anchor + 5 * hour + 1_000)
  const tick = async () => void ticks.push(Date.now())
  await using rhythm = rhythmOf([cadenceBeat(clock, hour, tick)])
  await rhythm.wake()
  expect(ticks).toEqual([])
  await vi.advanceTimersByTimeAsync(2 * hour)
  expect(ticks).toEqual([anchor + 6 * hour, anchor + 7 * hour])
})

test('an interval begins where it is counted from', () => {
  expect(beatAt(25, 5, 10)).toBe(25)
  expect(beatAt(24, 5, 10)).toBe(15)
  expect(beatAt(4, 5, 10)).toBe(-5)
})
