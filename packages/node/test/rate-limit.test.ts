import { expect, test } from 'vitest'
import { createRateLimit } from '../src/network/rate-limit.ts'

test('each peer has its own bucket, which fills again with time', () => {
  let nowMs = 0
  const limit = createRateLimit({ burst: 2, perSecond: 1 }, () => nowMs)
  const take = (peer: string, times: number) =>
    Array.from({ length: times }, () => limit.take(peer))
  expect(take('GBR', 3)).toEqual([true, true, false])
  expect(take('NOR', 1)).toEqual([true])
  nowMs = 999
  expect(take('GBR', 1)).toEqual([false])
  nowMs = 1_000
  expect(take('GBR', 2)).toEqual([true, false])
  nowMs = 1_000_000
  expect(take('GBR', 3)).toEqual([true, true, false])
})

test('peers without number cost no memory without bound', () => {
  let nowMs = 0
  const limit = createRateLimit({ burst: 1, perSecond: 1 }, () => nowMs)
  for (let i = 0; i < 25_000; i++) limit.take(`${i}`)
  nowMs = 10
  expect(limit.take('24999')).toBe(false)
})
