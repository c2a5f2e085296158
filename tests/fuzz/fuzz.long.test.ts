import { describe, expect, test } from 'vitest'
import { targets } from './targets.ts'
import { caseOf, tryInput, trySigned } from './try-target.ts'

const timeout = 600_000
const secondsEach = 1

describe.each(targets.map((target) => [target.name, target] as const))('%s', (_, target) => {
  test(`keeps its promises for ${secondsEach} s of changed inputs`, { timeout }, () => {
    const untilMs = performance.now() + secondsEach * 1000
    for (let number = 1_000; performance.now() < untilMs; number++)
      expect(tryInput(target, caseOf(target, 2, number))).toBe(null)
  })

  if (target.signed === 'exact')
    test('case 1: every one-byte change and every truncation is refused', { timeout }, () => {
      expect(trySigned(target, 255)).toBe(null)
    })

  if (target.signed === 'same')
    test('case 1: every change of a byte is refused or changes nothing, and so is every truncation', {
      timeout,
    }, () => {
      expect(trySigned(target, 1)).toBe(null)
    })
})
