import { expect, test } from 'vitest'
import { createResent } from '../src/network/resent.ts'

/** Makes statements that take so long each, ms of a clock that does not go on by itself. */
function stage(takesMs: number) {
  let nowMs = 0
  const resent = createResent(() => nowMs)
  const stop = new AbortController()
  let made = 0
  return {
    resent,
    made: () => made,
    pass: (ms: number) => {
      nowMs += ms
    },
    stop,
    make: async (seq: number, feed = 'f') => {
      const done = await resent.turn('GBR', feed, seq, stop.signal)
      nowMs += takesMs
      made++
      done()
    },
  }
}

test('what goes for the first time does not wait', async () => {
  const { make, made } = stage(1_000)
  for (let seq = 0; seq < 5; seq++) await make(seq)
  await make(0, 'another')
  expect(made()).toBe(6)
})

test('what was not made in its turn still goes for the first time', async () => {
  const { made, make, resent, stop } = stage(1_000)
  await make(0)
  await make(0)
  await resent.turn('GBR', 'f', 1, stop.signal)
  await make(1)
  expect(made()).toBe(3)
})

test('what goes once more waits until what went before it is paid for, of all feeds together', async () => {
  const { make, made, pass, stop } = stage(30)
  for (const feed of ['f', 'g']) await make(0, feed)
  await make(0)
  const waiting = make(0, 'g')
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(made()).toBe(3)
  pass(1_000)
  await waiting
  expect(made()).toBe(4)
  // Who is gone is not waited for.
  const gone = make(0)
  stop.abort()
  await gone
})
