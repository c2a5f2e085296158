import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type CompiledPolicy, compilePolicy } from '../src/compile.ts'
import type { Question } from '../src/question.ts'
import { anyPolicy, anyQuestion } from './any-row.ts'
import { policy, question } from './arbitrary.ts'
import { examples, questionAbout } from './example-questions.ts'
import { createCoverage, openOpinions } from './second-opinion.ts'

const perPolicy = 100

// A minute on two cores; Cedar takes most of it to read the questions.
test('Cedar finds the same rows for 100,000 questions', { timeout: 600_000 }, () => {
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
  agree(anyPolicy, () => anyQuestion, 50_000)
  agree(policy, () => question, 25_000)
  const example = fc.constantFrom(...examples.map(compilePolicy))
  agree(example, ({ document }) => questionAbout(document), 25_000)
  expect(asked).toBe(100_000)
  expect(coverage.gaps()).toEqual([])
})
