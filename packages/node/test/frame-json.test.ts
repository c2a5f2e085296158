import { utf8 } from '@entente/schema'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isDeeperThan, parseFrameJson } from '../src/frame-json.ts'
import { decodePassed, PassedFrame, WantedFrame } from '../src/siblings/received/frames.ts'

const deeper = (text: string, most: number) => isDeeperThan(utf8(text), most)
const nested = (deep: number, inner = '') => `${'['.repeat(deep)}${inner}${']'.repeat(deep)}`

test('depth is counted by brackets, and not by those in strings', () => {
  expect(deeper(nested(3), 3)).toBe(false)
  expect(deeper(nested(4), 3)).toBe(true)
  expect(deeper('{"a":[{"b":[]}]}', 3)).toBe(true)
  expect(deeper('[[],[],[],[]]', 2)).toBe(false)
  expect(deeper(nested(3, '"[[[["'), 3)).toBe(false)
  expect(deeper(nested(3, '"\\"[[[[\\\\"'), 3)).toBe(false)
  // The string ends at its second quote: what follows is deep.
  expect(deeper(nested(3, '"\\\\",[]'), 3)).toBe(true)
  expect(deeper('["[[[[', 1)).toBe(false)
})

test('whatever stands in strings, a frame is read as JSON reads it', () => {
  const text = fc.string({ unit: fc.constantFrom(...'"\\[]{}aé'), maxLength: 40 })
  fc.assert(
    fc.property(text, text, (key, value) => {
      const frame = { [`[${key}`]: [value, { '\\"': `${value}[` }] }
      const read = parseFrameJson(utf8(JSON.stringify(frame)))
      expect(read).toEqual(JSON.parse(JSON.stringify(frame)))
    }),
  )
})

test('eight million brackets are refused at the first that is too deep', () => {
  const bytes = new Uint8Array(8 * 1024 * 1024).fill(0x5b)
  expect(() => parseFrameJson(bytes)).toThrow('deep')
  expect(() => parseFrameJson(utf8('{"a":'))).toThrow(SyntaxError)
  // So do those of a laptop, and of the nation's receiver.
  const deep = bytes.subarray(0, 40_000)
  expect(() => decodePassed(deep, WantedFrame)).toThrow('deep')
  expect(() => decodePassed(deep, PassedFrame)).toThrow('deep')
})
