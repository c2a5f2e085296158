import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fromBase64url, fromUtf8, toBase64url, utf8 } from '../src/bytes.ts'
import {
  type Disclosure,
  digestDisclosure,
  Fragment,
  FragmentHead,
  recordKeyOf,
  saltOf,
} from '../src/fragment.ts'
import { sha256 } from '../src/hash.ts'

const recordKey = recordKeyOf(new Uint8Array(32).fill(7), 'urn:entente:00')
const head = {
  id: `urn:entente:${'0'.repeat(32)}`,
  kind: 'capability',
  originator: 'USA',
  asOf: '2026-07-01',
  status: 'active',
  handling: { originator_control: true, onward_release: 'ask' },
  banner: { classification: 'RESTRICTED', caveats: [] },
  sd: ['X9yH0Ajrdm1Oij4tWso9UzzKJvPoDxwmuEcO3XAdRC0'],
}

describe('digest of a disclosure, RFC 9901 section 4.2.3', () => {
  const printed = 'WyJfMjZiYzRMVC1hYzZxMktJNmNCVzVlcyIsICJmYW1pbHlfbmFtZSIsICJNw7ZiaXVzIl0'
  const disclosure: Disclosure = ['_26bc4LT-ac6q2KI6cBW5es', 'family_name', 'Möbius']

  test('is SHA-256 over the ASCII of the base64url form: the example of the RFC', () => {
    expect(toBase64url(sha256(utf8(printed)))).toBe('X9yH0Ajrdm1Oij4tWso9UzzKJvPoDxwmuEcO3XAdRC0')
  })

  test('ours is over the canonical spelling, which the RFC lists without white space', () => {
    // Section 4.2.1: the same disclosure may be encoded in other ways; a canonical one leaves no choice.
    const compact = 'WyJfMjZiYzRMVC1hYzZxMktJNmNCVzVlcyIsImZhbWlseV9uYW1lIiwiTcO2Yml1cyJd'
    expect(fromUtf8(fromBase64url(compact) ?? new Uint8Array())).toBe(
      '["_26bc4LT-ac6q2KI6cBW5es","family_name","Möbius"]',
    )
    expect(JSON.parse(fromUtf8(fromBase64url(printed) ?? new Uint8Array()))).toEqual(disclosure)
    expect(digestDisclosure(disclosure)).toBe(toBase64url(sha256(utf8(compact))))
  })

  test('depends on salt, field and value', () => {
    const digests = new Set(
      [disclosure, ['A', disclosure[1], 'Möbius'], [disclosure[0], 'name', 'Möbius']].map((each) =>
        digestDisclosure(each as Disclosure),
      ),
    )
    expect(digests.size).toBe(3)
    expect(digestDisclosure([disclosure[0], disclosure[1], 'Mobius'])).not.toBe(
      digestDisclosure(disclosure),
    )
  })
})

describe('salt of a field', () => {
  test('is 16 bytes, and the same for the same value of the same record', () => {
    expect(saltOf(recordKey, 'title', 'Neutralizer')).toHaveLength(22)
    expect(saltOf(recordKey, 'title', 'Neutralizer')).toBe(
      saltOf(recordKey, 'title', 'Neutralizer'),
    )
  })

  test('does not depend on the order of keys in the value', () => {
    expect(saltOf(recordKey, 'rate', { number: '25', unit: 'each' })).toBe(
      saltOf(recordKey, 'rate', { unit: 'each', number: '25' }),
    )
  })

  test('differs by record, field and value', () => {
    const other = recordKeyOf(new Uint8Array(32).fill(7), 'urn:entente:01')
    const foreign = recordKeyOf(new Uint8Array(32).fill(8), 'urn:entente:00')
    const salts = [
      saltOf(recordKey, 'title', 'a'),
      saltOf(recordKey, 'title', 'b'),
      saltOf(recordKey, 'note', 'a'),
      saltOf(other, 'title', 'a'),
      saltOf(foreign, 'title', 'a'),
    ]
    expect(new Set(salts).size).toBe(salts.length)
  })

  test('field and value cannot be shifted into one another', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z]{1,8}$/), fc.stringMatching(/^[a-z]{1,8}$/), (a, b) => {
        expect(saltOf(recordKey, a + b, '')).not.toBe(saltOf(recordKey, a, b))
      }),
    )
  })
})

test.each<[what: string, change: Record<string, unknown>]>([
  ['an id that is none', { id: 'MK-58' }],
  ['a kind that is none', { kind: 'rumour' }],
  ['an originator that is no nation', { originator: 'XYZ' }],
  ['no field digest', { sd: [] }],
  ['a digest with padding', { sd: [`${head.sd[0]}=`] }],
  ['a release list', { releasableTo: ['GBR'] }],
  ['a release list in its banner', { banner: { ...head.banner, releasableTo: ['GBR'] } }],
  ['a version counter', { version: 3 }],
])('a fragment head is refused with %s', (_, change) => {
  expect(FragmentHead.safeParse(head).success).toBe(true)
  expect(FragmentHead.safeParse({ ...head, ...change }).success).toBe(false)
})

test.each<[what: string, disclosures: unknown]>([
  ['none', []],
  ['a salt of another length', [['abc', 'title', 'x']]],
  ['a field name that is none', [['A'.repeat(22), 'Title', 'x']]],
  ['a fourth part', [['A'.repeat(22), 'title', 'x', 'y']]],
])('a fragment is refused with disclosures: %s', (_, disclosures) => {
  expect(Fragment.safeParse({ head, disclosures: [['A'.repeat(22), 'title', 'x']] }).success).toBe(
    true,
  )
  expect(Fragment.safeParse({ head, disclosures }).success).toBe(false)
})
