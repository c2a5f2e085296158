import { expect, test } from 'vitest'
import { createAccounts } from '../src/network/accounts.ts'

const rate = { burst: 100, perSecond: 100 }

test('a peer is charged at its rate, after its burst', () => {
  let nowMs = 0
  const { charge, owesMs } = createAccounts(rate, () => nowMs)
  charge('them', 150)
  expect(owesMs('them')).toBe(500)
  nowMs = 500
  expect(owesMs('them')).toBe(0)
  expect(owesMs('another')).toBe(-1_000)
})

test('one may ask whether more could be paid for; what costs more than half of the burst comes at its turn all the same', () => {
  const { charge, owesMs } = createAccounts(rate, () => 0)
  expect(owesMs('them', 10_000)).toBe(-500)
  charge('them', 95)
  expect(owesMs('them', 10)).toBe(50)
})

test('a debt never grows beyond five seconds, whatever is charged', () => {
  let nowMs = 0
  const { charge, owesMs } = createAccounts(rate, () => nowMs)
  for (let i = 0; i < 100; i++) charge('them', 1_000)
  expect(owesMs('them')).toBe(5_000)
  nowMs = 5_000
  expect(owesMs('them')).toBe(0)
})
