import { expect, test } from 'vitest'
import { ago } from '../src/answer/status/ago.ts'

const MIN = 60_000
const HOUR = 60 * MIN
const DAY = 24 * HOUR

test.each<[ms: number, said: string]>([
  [-1, '0 s'],
  [499, '0 s'],
  [89_499, '89 s'],
  [90_000, '2 min'],
  [89 * MIN, '89 min'],
  [90 * MIN, '2 h'],
  [47 * HOUR, '47 h'],
  [48 * HOUR - 31 * MIN, '47 h'],
  [48 * HOUR, '2 d'],
  [60 * HOUR, '3 d'],
  [30 * DAY, '30 d'],
  [400 * DAY, '400 d'],
])('%d ms are %s', (ms, said) => {
  expect(ago(ms)).toBe(said)
})
