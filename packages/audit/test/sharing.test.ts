import { expect, test } from 'vitest'
import { createSharing } from '../src/bundle/sharing.ts'

test('what is shared is equal to what was read, and its equal parts are the same object', () => {
  const share = createSharing(100)
  const read = () =>
    JSON.parse('{"__proto__":{"x":1},"list":["a","b"],"n":null,"pairs":[["r","v"]],"t":"text"}')
  const [one, other] = [share(read()), share(read())]
  expect(JSON.stringify(one)).toBe(JSON.stringify(read()))
  expect(other).toBe(one)
  const longer = share({ ...read(), t: 'x'.repeat(100) })
  expect(longer).not.toBe(one)
  expect(longer.list).toBe(one.list)
  expect(longer.pairs[0]).toBe(one.pairs[0])
})

test('lists of other texts are never taken for one another', () => {
  const share = createSharing()
  expect(share(['a\nb'])).toEqual(['a\nb'])
  expect(share(['a', 'b'])).toEqual(['a', 'b'])
  expect(share(['a","b'])).toEqual(['a","b'])
  expect(share([1, 'a'])).toEqual([1, 'a'])
})

test('what was read remains as it was, frozen or not', () => {
  const read = Object.freeze({ list: Object.freeze(['a']) })
  expect(createSharing()(read)).toEqual({ list: ['a'] })
})
