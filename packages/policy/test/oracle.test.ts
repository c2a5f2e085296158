import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decide } from '../src/decide.ts'
import { anyPolicy, anyQuestion } from './any-row.ts'
import { policy, question } from './arbitrary.ts'
import { effectByOracle } from './oracle.ts'

test('deny beats approve beats transform beats permit, and silence denies, as a second reading of the table has it', () => {
  const seen = new Map<string, number>()
  const agree = (p: Parameters<typeof decide>[1], q: Parameters<typeof decide>[0]) => {
    const { effect } = decide(q, p)
    expect(effect).toBe(effectByOracle(q, p))
    seen.set(effect, (seen.get(effect) ?? 0) + 1)
  }
  fc.assert(fc.property(anyPolicy, anyQuestion, agree), { numRuns: 1500 })
  fc.assert(fc.property(policy, question, agree), { numRuns: 1500 })
  expect([...seen.keys()].sort()).toEqual(['approve', 'deny', 'permit', 'transform'])
})
