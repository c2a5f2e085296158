import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { CompiledPolicy } from '../src/compile.ts'
import type { Question } from '../src/question.ts'
import { anyPolicy, anyQuestion } from './any-row.ts'
import { policy, question } from './arbitrary.ts'
import { besideAgreements, examples, questionAbout } from './example-questions.ts'
import { createCoverage, openOpinions } from './second-opinion.ts'

/**
 * By hand: `CEDAR_QUESTIONS=100000 pnpm exec vitest run packages/policy/test/cedar.long.test.ts`, 100 s of processor time, two
 * thirds of it for Cedar to read the questions.
 */
const total = Number(process.env['CEDAR_QUESTIONS'] ?? 10_000)
const perPolicy = 100

test(`Cedar finds the same rows for ${total} questions`, { timeout: 600_000 }, () => {
  const coverage = createCoverage()
  let asked = 0
  const agree = (
    policies: fc.Arbitrary<CompiledPolicy>,
    questionOf: (made: CompiledPolicy) => fc.Arbitrary<Question>,
    count: number,
  ) => {
    const cases = policies.chain((made) =>
      fc.tuple(
        fc.constant(made),
        fc.array(questionOf(made), { minLength: perPolicy, maxLength: perPolicy }),
      ),
    )
    const property = fc.property(cases, ([made, questions]) => {
      const { compare } = openOpinions(made)
      for (const each of questions) {
        compare(each)
        coverage.add(each, made)
        asked++
      }
    })
    fc.assert(property, { numRuns: count / perPolicy })
  }
  agree(anyPolicy, () => anyQuestion, total / 2)
  agree(policy, () => question, total / 4)
  const example = fc.constantFrom(...examples.map(besideAgreements))
  agree(example, ({ document }) => questionAbout(document), total / 4)
  expect(asked).toBe(total)
  // Hardly ever: where some operator was never met by chance.
  for (let round = 0; round < 5 && coverage.gaps().length > 0; round++)
    agree(anyPolicy, () => anyQuestion, total / 2)
  expect(coverage.gaps()).toEqual([])
})
