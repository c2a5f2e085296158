import { expect, test } from 'vitest'
import { expectEveryDifference } from './compare.ts'

test('every difference between any two policies in very many questions is among the sorts that were asked', () => {
  const { differences, questions } = expectEveryDifference(30)
  expect(questions).toBeGreaterThan(300)
  expect(differences).toBeGreaterThan(30)
})
