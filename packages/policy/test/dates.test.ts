import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatIsoDate, parseIsoDate } from '../src/dates.ts'

test.each<[text: string, atMs: number | null]>([
  ['1970-01-01', 0],
  ['2000-02-29', 951_782_400_000],
  ['1949-08-24', -642_384_000_000],
  ['2026-10-01T12:30:15Z', 1_790_857_815_000],
  ['2026-10-01T12:30:15.250Z', 1_790_857_815_250],
  ['1900-02-29', null],
  ['2026-13-01', null],
  ['2026-00-10', null],
  ['2026-04-31', null],
  ['2026-10-01T24:00:00Z', null],
  ['2026-10-01T12:30:15+01:00', null],
  ['01/10/2026', null],
  ['', null],
])('%s is %s', (text, atMs) => {
  expect(parseIsoDate(text)).toBe(atMs)
})

test('agrees with the platform on every day, and back', () => {
  fc.assert(
    fc.property(fc.integer({ min: -300_000, max: 300_000 }), (day) => {
      const text = new Date(day * 86_400_000).toISOString().slice(0, 10)
      expect(parseIsoDate(text)).toBe(day * 86_400_000)
      expect(formatIsoDate(day * 86_400_000)).toBe(text)
    }),
  )
})
