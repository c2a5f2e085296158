import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fromBase64url, fromHex, fromUtf8, toBase64url, toHex, utf8 } from '../src/bytes.ts'

const bytes = fc.uint8Array({ maxLength: 64 })

describe('base64url', () => {
  // RFC 4648, section 10, in the alphabet of section 5 without padding.
  test.each([
    ['', ''],
    ['f', 'Zg'],
    ['fo', 'Zm8'],
    ['foo', 'Zm9v'],
    ['foob', 'Zm9vYg'],
    ['fooba', 'Zm9vYmE'],
    ['foobar', 'Zm9vYmFy'],
  ])('%j is %j', (text, encoded) => {
    expect(toBase64url(utf8(text))).toBe(encoded)
    expect(fromBase64url(encoded)).toEqual(utf8(text))
  })

  test('uses - and _ where base64 has + and /', () => {
    expect(toBase64url(Uint8Array.of(0xfb, 0xff, 0xfe))).toBe('-__-')
  })

  test.each([
    ['padding', 'Zg=='],
    ['the alphabet of base64', '+//+'],
    ['a length that no bytes have', 'A'],
    ['unused bits that are not zero', 'Zh'],
    ['unused bits that are not zero, of two bytes', 'Zm9'],
    ['white space', 'Zm9v\n'],
    ['a character beyond ASCII', 'Zm9é'],
  ])('refuses %s', (_, text) => {
    expect(fromBase64url(text)).toBeNull()
  })

  test('agrees with the platform on every byte string', () => {
    fc.assert(
      fc.property(bytes, (value) => {
        expect(toBase64url(value)).toBe(Buffer.from(value).toString('base64url'))
        expect(fromBase64url(toBase64url(value))).toEqual(value)
      }),
    )
  })

  test('has one text per byte string', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'AZaz09-_Q=+/') }), (text) => {
        const value = fromBase64url(text)
        if (value !== null) expect(toBase64url(value)).toBe(text)
      }),
    )
  })
})

describe('UTF-8', () => {
  test('agrees with the platform, short and long, ASCII and not', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.string({ unit: 'binary-ascii', minLength: 250, maxLength: 300 }),
    )
    fc.assert(
      fc.property(text, (value) => {
        expect(utf8(value)).toEqual(new Uint8Array(Buffer.from(value)))
        expect(fromUtf8(utf8(value))).toBe(value)
      }),
    )
  })

  test.each([
    ['a cut sequence', [0xe2, 0x82]],
    ['an overlong form', [0xc0, 0xaf]],
    ['a surrogate', [0xed, 0xa0, 0x80]],
  ])('refuses %s', (_, value) => {
    expect(() => fromUtf8(Uint8Array.from(value))).toThrow(TypeError)
  })

  test('keeps a byte order mark, so that no two byte strings read alike', () => {
    expect(fromUtf8(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61))).toBe('\ufeffa')
  })
})

test('hex is lower case and reads back', () => {
  fc.assert(
    fc.property(bytes, (value) => {
      expect(toHex(value)).toBe(Buffer.from(value).toString('hex'))
      expect(fromHex(toHex(value))).toEqual(value)
    }),
  )
})
