import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  formatBase64,
  formatHex,
  formatTilePath,
  parseBase64,
  parseDecimal,
  parseHex,
  parseTilePath,
  parseUtf8,
} from '../src/index.ts'
import { codeOf } from './errors.ts'

const bytes = fc.uint8Array({ maxLength: 100 })

test('base64 and hex are those of the platform', () => {
  fc.assert(
    fc.property(bytes, (data) => {
      expect(formatBase64(data)).toBe(Buffer.from(data).toString('base64'))
      expect(parseBase64(formatBase64(data))).toEqual(data)
      expect(formatHex(data)).toBe(Buffer.from(data).toString('hex'))
      expect(parseHex(formatHex(data))).toEqual(data)
    }),
  )
})

test('any text that is read as base64 is what would be written', () => {
  const char = fc.constantFrom(...'ABgwz019+/=-_ \n')
  fc.assert(
    fc.property(fc.string({ unit: char, maxLength: 9 }), (text) => {
      if (codeOf(() => parseBase64(text)) === 'none') {
        expect(formatBase64(parseBase64(text))).toBe(text)
      }
    }),
    { numRuns: 1_000 },
  )
})

test.each(['AB==', 'AAB=', 'AA', 'AA=', 'A===', '====', 'AA-_', 'AAAA\n', ' AAAA', 'AA==AAAA'])(
  '%j is not base64',
  (text) => expect(codeOf(() => parseBase64(text))).toBe('BASE64_MALFORMED'),
)

test.each(['0', '00AB', 'AB', '0x', 'zz', '0a '])('%j is not hex', (text) => {
  expect(codeOf(() => parseHex(text))).toBe('HEX_MALFORMED')
})

test('UTF-8 is read as the platform does, or refused with it', () => {
  const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  const lead = fc.constantFrom(0xc0, 0xc2, 0xe0, 0xed, 0xef, 0xf0, 0xf4, 0xf5, 0xff)
  const tail = fc.constantFrom(0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbb, 0xbf, 0xc0)
  const any = fc.oneof(
    bytes,
    fc.string({ unit: 'binary' }).map((text) => new TextEncoder().encode(text)),
    fc.tuple(lead, tail, tail, tail).map((sequence) => Uint8Array.from(sequence)),
    fc.tuple(lead, tail, tail).map((sequence) => Uint8Array.from(sequence)),
    fc.tuple(lead, tail).map((sequence) => Uint8Array.from(sequence)),
  )
  fc.assert(
    fc.property(any, (data) => {
      let expected: string | undefined
      try {
        expected = strict.decode(data)
      } catch {
        expect(codeOf(() => parseUtf8(data))).toBe('UTF8_MALFORMED')
        return
      }
      expect(parseUtf8(data)).toBe(expected)
    }),
    { numRuns: 1_000 },
  )
})

test.each(['', '01', '+1', '-1', '1e3', '1.0', ' 1', '1\n', '0x1', '٣', '9007199254740992'])(
  '%j is not a size',
  (text) => expect(codeOf(() => parseDecimal(text))).toBe('NUMBER_MALFORMED'),
)

test('tile paths are read as written', () => {
  const tile = fc.record({
    level: fc.oneof(fc.constant('entries' as const), fc.integer({ min: 0, max: 63 })),
    index: fc.oneof(fc.nat(3_000_000), fc.maxSafeNat()),
    width: fc.integer({ min: 1, max: 256 }),
  })
  fc.assert(
    fc.property(tile, (written) => {
      expect(parseTilePath(formatTilePath(written))).toEqual(written)
    }),
  )
})

test.each([
  'tile/64/000',
  'tile/00/000',
  'tile/8/0/000',
  'tile/0/0',
  'tile/0/x000/001',
  'tile/0/001/x002',
  'tile/0/000.p/0',
  'tile/0/000.p/256',
  'tile/0/000.p/01',
  'tile/-1/000',
  '/tile/0/000',
  'tile/0/x999/x999/x999/x999/x999/999',
])('%s is not a tile path', (path) => {
  expect(codeOf(() => parseTilePath(path))).toBe('TILE_MALFORMED')
})
