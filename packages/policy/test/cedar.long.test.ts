import fc from 'fast-check'
import { expect, test } from 'vitest'
import { anyDocument, anyQuestion } from './any-row.ts'
import { document, question } from './arbitrary.ts'
import { examples, questionAbout } from './example-questions.ts'
import { createCoverage, openOpinions } from './second-opinion.ts'

const many = <T>(arbitrary: fc.Arbitrary<T>, count: number) =>
  fc.array(arbitrary, { minLength: count, maxLength: count })

test('Cedar finds the same rows for 100,000 questions', { timeout: 300_000 }, () => {
  const coverage = createCoverage()
  let asked = 0
  const agree = (documents: fc.Arbitrary<Parameters<typeof openOpinions>[0]>) =>
    fc.property(
      documents.chain((made) =>
        fc.tuple(
          fc.constant(made),
          documents === anyDocument
            ? many(anyQuestion, 100)
            : documents === document
              ? many(question, 100)
              : many(questionAbout(made), 100),
        ),
      ),
      ([made, questions]) => {
        const { compare } = openOpinions(made)
        const count = coverage.of(made)
        for (const each of questions) {
          compare(each)
          count(each)
          asked++
        }
      },
    )
  fc.assert(agree(anyDocument), { numRuns: 500 })
  fc.assert(agree(document), { numRuns: 250 })
  fc.assert(agree(fc.constantFrom(...examples)), { numRuns: 250 })
  expect(asked).toBe(100_000)
  expect(coverage.gaps()).toEqual([])
})
