import { describe, expect, test } from 'vitest'
import { crashersOf } from './crashers.ts'
import { targets } from './targets.ts'
import { caseOf, tryInput, trySigned, tryValid } from './try-target.ts'

const casesOf = (costly: boolean | undefined) => (costly ? 3 : 40)

describe.each(targets.map((target) => [target.name, target] as const))('%s', (name, target) => {
  test('reads what is valid', () => {
    expect(tryValid(target)).toBe(null)
  })

  test('ends in a value or in an error of its own, and soon', () => {
    for (let number = 0; number < casesOf(target.costly); number++)
      expect(tryInput(target, caseOf(target, 1, number))).toBe(null)
  })

  const crashers = crashersOf(name)
  if (crashers.length > 0)
    test('keeps its promises for what once broke them', () => {
      for (const { input } of crashers) expect(tryInput(target, input)).toBe(null)
    })

  if (target.signed !== undefined)
    test('refuses other bytes and what is cut off', () => {
      const { length } = caseOf(target, 1, 0)
      // Every byte in the long run; here so many that it takes a moment.
      expect(trySigned(target, 1, Math.max(7, Math.floor(length / 60)))).toBe(null)
    })
})
