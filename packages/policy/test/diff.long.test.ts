import { expect, test } from 'vitest'
import { expectEveryDifference } from './compare.ts'

test('every difference between any two policies in very many questions is among the sorts that were asked', () => {
  const { differences, questions } = expectEveryDifference(40)
  expect(questions).toBeGreaterThan(500)
  expect(differences).toBeGreaterThan(50)
})
