import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decide } from '../src/decide.ts'
import { anyPolicy, anyQuestion } from './any-row.ts'
import { policy, question } from './arbitrary.ts'
import { assertOften } from './enough.ts'
import { effectByOracle } from './oracle.ts'

test('deny beats approve beats transform beats permit, and silence denies, as a second reading of the table has it', () => {
  const seen = { approve: 0, deny: 0, permit: 0, transform: 0 }
  const agree = (p: Parameters<typeof decide>[1], q: Parameters<typeof decide>[0]) => {
    const { effect } = decide(q, p)
    expect(effect).toBe(effectByOracle(q, p))
    seen[effect]++
  }
  fc.assert(fc.property(anyPolicy, anyQuestion, agree), { numRuns: 1500 })
  assertOften(fc.property(policy, question, agree), {
    met: () => Math.min(...Object.values(seen)),
    few: 3,
    numRuns: 1500,
  })
})
