import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  CanonicalJsonError,
  canonicalBytes,
  canonicalJson,
  type Json,
  MAX_JSON_DEPTH,
  parseCanonical,
} from '../src/canonical-json.ts'
import { JsonValue } from '../src/record.ts'

/** JSON values as Entente uses them: integers, no lone surrogates. */
const json = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constant(null),
    fc.boolean(),
    fc.maxSafeInteger().map((n) => (Object.is(n, -0) ? 0 : n)),
    fc.string({ unit: 'binary' }),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.string({ unit: 'binary', maxLength: 4 }), tie('value'), { maxKeys: 4 }),
  ),
})).value

test('what is nested deeper than any form here is refused before it takes the stack', () => {
  const nested = (depth: number) => `${'['.repeat(depth)}0${']'.repeat(depth)}`
  expect(canonicalJson(parseCanonical(nested(MAX_JSON_DEPTH)))).toBe(nested(MAX_JSON_DEPTH))
  for (const depth of [MAX_JSON_DEPTH + 1, 100_000]) {
    expect(() => parseCanonical(nested(depth))).toThrow(CanonicalJsonError)
    expect(JsonValue.safeParse(JSON.parse(nested(depth))).error?.issues[0]?.message).toBe(
      'nested too deep',
    )
  }
  expect(JsonValue.safeParse(JSON.parse(nested(MAX_JSON_DEPTH))).success).toBe(true)
})

describe('as RFC 8785 prints them', () => {
  test('3.2.2.2: strings', () => {
    const text = JSON.parse('"\\u20ac$\\u000F\\u000aA\'\\u0042\\u0022\\u005c\\\\\\"\\/"')
    expect(canonicalJson(text)).toBe('"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"')
  })

  test('3.2.2: literals in order, without white space', () => {
    expect(canonicalJson([null, true, false])).toBe('[null,true,false]')
  })

  test('3.2.3: keys go by UTF-16 code units', () => {
    const sample = {
      '\u20ac': 'Euro Sign',
      '\r': 'Carriage Return',
      '\ufb33': 'Hebrew Letter Dalet With Dagesh',
      '1': 'One',
      '\ud83d\ude00': 'Emoji: Grinning Face',
      '\u0080': 'Control',
      '\u00f6': 'Latin Small Letter O With Diaeresis',
    }
    expect([...canonicalJson(sample).matchAll(/:"([^"]+)"/g)].map(([, name]) => name)).toEqual([
      'Carriage Return',
      'One',
      'Control',
      'Latin Small Letter O With Diaeresis',
      'Euro Sign',
      'Emoji: Grinning Face',
      'Hebrew Letter Dalet With Dagesh',
    ])
  })

  test('3.2.4: bytes are UTF-8', () => {
    expect([...canonicalBytes('€')]).toEqual([0x22, 0xe2, 0x82, 0xac, 0x22])
  })

  test.each([
    [-0, '0'],
    [Number.MAX_SAFE_INTEGER, '9007199254740991'],
    [Number.MIN_SAFE_INTEGER, '-9007199254740991'],
  ])('appendix B: the number %s is %s', (value, text) => {
    expect(canonicalJson(value)).toBe(text)
  })
})

test.each<[what: string, value: unknown]>([
  ['a float', 0.5],
  ['an integer that a float cannot hold', 2 ** 53],
  ['NaN', Number.NaN],
  ['infinity', Number.POSITIVE_INFINITY],
  ['a lone surrogate', '\ud800'],
  ['a key with a lone surrogate', { '\udead': 1 }],
  ['undefined', undefined],
  ['undefined in a list', [undefined]],
  ['a bigint', 1n],
  ['a function', () => 1],
])('%s has no canonical form', (_, value) => {
  expect(() => canonicalJson(value)).toThrow(CanonicalJsonError)
})

test.each<[what: string, text: string]>([
  ['white space', '{"a": 1}'],
  ['keys out of order', '{"b":1,"a":2}'],
  ['a repeated key', '{"a":1,"a":1}'],
  ['an escape that is not needed', '"\\u0041"'],
  ['a capital in an escape', '"\\u000F"'],
  ['an exponent', '1e2'],
  ['a fraction of zero', '1.0'],
  ['minus zero', '-0'],
  ['a number beyond integers', '9007199254740993'],
  ['text after the value', '{}x'],
  ['nothing', ''],
])('parsing refuses %s', (_, text) => {
  expect(() => parseCanonical(text)).toThrow(CanonicalJsonError)
})

test('every value comes back from its canonical text', () => {
  fc.assert(
    fc.property(json, (value) => {
      expect(parseCanonical(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)))
    }),
  )
})

test('the order in which keys were set means nothing', () => {
  const entries = fc.uniqueArray(
    fc.tuple(
      fc.string({ unit: 'binary' }).filter((key) => key !== '__proto__'),
      json,
    ),
    { selector: ([key]) => key },
  )
  fc.assert(
    fc.property(entries, (list) => {
      expect(canonicalJson(Object.fromEntries(list))).toBe(
        canonicalJson(Object.fromEntries(list.toReversed())),
      )
    }),
  )
})

test('two different texts never mean the same value', () => {
  fc.assert(
    fc.property(
      json,
      fc.nat(),
      fc.string({ unit: 'binary-ascii', minLength: 1 }),
      (value, at, put) => {
        const text = canonicalJson(value)
        const place = at % text.length
        const changed = text.slice(0, place) + put + text.slice(place + 1)
        fc.pre(changed !== text)
        let read: Json | undefined
        try {
          read = parseCanonical(changed)
        } catch (error) {
          expect(error).toBeInstanceOf(CanonicalJsonError)
          return
        }
        expect(canonicalJson(read)).not.toBe(text)
      },
    ),
  )
})
