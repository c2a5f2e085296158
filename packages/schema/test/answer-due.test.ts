import { expect, test } from 'vitest'
import { answerDueMs } from '../src/index.ts'

const at = (time: string) => Date.parse(`2026-05-01T${time}Z`)

test.each<[arrived: string, due: string]>([
  ['09:00:00', '10:00:00'],
  ['09:00:00.001', '11:00:00'],
  ['09:59:59.999', '11:00:00'],
  ['10:00:00', '11:00:00'],
])('what comes in at %s is answered at %s, whatever it is', (arrived, due) => {
  expect(answerDueMs(at(arrived), {})).toBe(at(due))
})

test('an exercise may answer sooner', () => {
  expect(answerDueMs(2_500, { answerMs: 1_000 })).toBe(4_000)
})
