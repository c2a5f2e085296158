import { utf8 } from '@entente/schema'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { excessOf, MOST_MARKS, parseFrameJson } from '../src/frame-json.ts'
import { decodeGossip, GossipRequest, gossipProtocol } from '../src/gossip/frames.ts'
import { decodeHave, jointProtocol } from '../src/joint/joint-frames.ts'
import { decodeKeys, keysProtocol } from '../src/keys/frames.ts'
import { maxServedFrameBytes } from '../src/network/open-network.ts'
import { decodePairing, HelloFrame } from '../src/pairing/frames.ts'
import { decodePassed, PassedFrame, WantedFrame } from '../src/siblings/received/frames.ts'

const deeper = (text: string, deep: number) =>
  excessOf(utf8(text), { deep, marks: 1_000 }) === 'deep'
const hasMore = (text: string, marks: number) =>
  excessOf(utf8(text), { deep: 1_000, marks }) === 'marks'
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

test('values are counted by the marks before them, and not by those in strings', () => {
  const text = '{"a":[1,2],"b,[{":"\\",[{"}'
  expect(hasMore(text, 4)).toBe(false)
  expect(hasMore(text, 3)).toBe(true)
  expect(hasMore('[{},{},{}]', 5)).toBe(true)
  expect(hasMore('[{},{},{}]', 6)).toBe(false)
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

test('what holds more values than any frame is refused before it is parsed', () => {
  const most = `[${'0,'.repeat(MOST_MARKS - 1)}0]`
  expect(parseFrameJson(utf8(most))).toHaveLength(MOST_MARKS)
  expect(() => parseFrameJson(utf8(`[0,${most.slice(1)}`))).toThrow('values')
})

test('each kind of frame that a partner may ask with has a bound of its own, above what it may say', () => {
  const digest = 'X'.repeat(43)
  const nations =
    'ALB AUS BEL BGR CAN CHE CZE DEU DNK ESP EST FIN FRA GBR GRC HRV HUN ISL ITA JPN LTU LUX LVA NLD NOR NZL POL PRT ROU SVK SVN USA'.split(
      ' ',
    )
  const most = (value: unknown) => Object.fromEntries(nations.map((nation) => [nation, value]))
  const have = {
    t: 'have',
    documents: Array(1_024).fill({
      document: digest,
      writers: most({ seq: 8_191, hash: digest }),
      stopped: nations,
      twice: most(8_191),
    }),
  }
  const bytes = utf8(JSON.stringify(have))
  expect(bytes.length).toBeLessThan(maxServedFrameBytes(jointProtocol))
  expect(decodeHave(bytes).documents).toHaveLength(1_024)

  const note = 'n'.repeat(400)
  const seen = {
    t: 'seen',
    policy: 1,
    at: 1,
    checkpoints: Array(512).fill(note),
    forks: Array(512).fill({ first: note, second: note }),
  }
  const told = utf8(JSON.stringify(seen))
  expect(told.length).toBeLessThan(maxServedFrameBytes(gossipProtocol))
  expect(decodeGossip(told, GossipRequest)).toEqual(seen)
  const seals = Array(4_096).fill('s'.repeat(500))
  const known = utf8(JSON.stringify({ t: 'revocations', seals, recalls: seals }))
  expect(known.length).toBeLessThan(maxServedFrameBytes(keysProtocol))
  expect(decodeKeys(known).recalls).toHaveLength(4_096)

  const many = utf8(`[${'{},'.repeat(200_000)}0]`)
  expect(() => decodeHave(many)).toThrow('values')
  expect(() => decodeGossip(many, GossipRequest)).toThrow('values')
  expect(() => decodeKeys(many)).toThrow('values')
  expect(() => decodePairing(many, HelloFrame)).toThrow('values')
})
