import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  fieldsOf,
  identityOf,
  isLikePseudonym,
  isPseudonym,
  jsonSchemaOf,
  Kind,
  parseFieldValue,
  pseudonymOf,
  sha256,
} from '../src/index.ts'

const key = fc.uint8Array({ minLength: 32, maxLength: 32 })
const nation = fc.constantFrom('AUS', 'GBR', 'NOR')
const field = fc.constantFrom('name', 'title')

/** As docs/protocol.md has it, with the platform's HMAC and remainders instead of shifts. */
function byHand(recordKey: Uint8Array, recipient: string, name: string): string {
  const mac = createHmac('sha256', recordKey)
    .update(`entente-pseudonym/1\0${recipient}\0${name}`)
    .digest()
  let number = mac.readBigUInt64BE(0) / 16n
  let code = ''
  for (let i = 0; i < 12; i++) {
    code = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'.charAt(Number(number % 32n)) + code
    number /= 32n
  }
  return `withheld-${code.replace(/^(.{4})(.{4})/, '$1-$2-')}`
}

test('a pseudonym is of the record, the recipient and the field, and of nothing else', () => {
  fc.assert(
    fc.property(key, key, nation, nation, field, field, (k, l, a, b, f, g) => {
      const made = pseudonymOf(k, a, f)
      expect(made).toBe(byHand(k, a, f))
      expect(pseudonymOf(k, a, f, sha256)).toBe(made)
      expect(isPseudonym(made)).toBe(true)
      const isSame = Buffer.compare(k, l) === 0 && a === b && f === g
      expect(pseudonymOf(l, b, g) === made).toBe(isSame)
    }),
  )
})

test('two thousand records have two thousand pseudonyms, and every digit stands in every place', () => {
  const made = Array.from({ length: 2000 }, (_, i) => {
    const recordKey = new Uint8Array(32)
    new DataView(recordKey.buffer).setUint32(0, i)
    return byHand(recordKey, 'NOR', 'title')
  })
  expect(new Set(made).size).toBe(made.length)
  const codes = made.map((text) => text.replaceAll(/^withheld|-/g, ''))
  for (let i = 0; i < 12; i++) expect(new Set(codes.map((code) => code.charAt(i))).size).toBe(32)
})

test.each([
  'withheld-7K3F-9QX2-M4TD',
  'WITHHELD-7k3f-9qx2-m4td',
  ' withheld – 7K3F – 9QX2 – M4TD ',
  'with\u200bheld-7K3F-9QX2\u2011M4TD',
  'ｗithheld-7K3F-9QX2-M4TD',
  'withheld\u22127K3F\u22129QX2\u2212M4TD',
  'withheld-7K3F-9QX2-M4IO',
])('nobody can name anything %s', (name) => {
  expect(isLikePseudonym(name)).toBe(true)
  expect(parseFieldValue('supplier', 'legal_name', name)).toMatchObject({
    ok: false,
    code: 'INVALID_VALUE',
    reason: expect.stringContaining('form of a pseudonym'),
  })
  // A field that no pseudonym can stand in may quote one.
  expect(parseFieldValue('supplier', 'risk_note', name).ok).toBe(true)
})

test.each([
  'Withheld Bay Works',
  'withheld',
  'withheld-7K3F',
  'AN/ASQ-235',
  'withheld 7K3F 9QX2 M4TD',
])('%s is a name', (name) => {
  expect(isPseudonym(name)).toBe(false)
  expect(parseFieldValue('supplier', 'legal_name', name).ok).toBe(true)
})

test('what looks like a pseudonym to a machine looks like one to a person', () => {
  fc.assert(
    fc.property(key, nation, field, (k, to, name) => {
      const made = pseudonymOf(k, to, name)
      expect([isLikePseudonym(made), isLikePseudonym(made.toLowerCase())]).toEqual([true, true])
    }),
  )
})

test('every field of the form of a place is known for one, and no other', () => {
  const places = Kind.options.flatMap((kind) =>
    Object.entries(jsonSchemaOf(kind).properties ?? {}).flatMap(([name, schema]) => {
      const members = typeof schema === 'object' ? Object.keys(schema.properties ?? {}).sort() : []
      return members.join() === 'nation,text' ? [`${kind}.${name}`] : []
    }),
  )
  const known = Kind.options.flatMap((kind) =>
    Object.entries(fieldsOf(kind)).flatMap(([name, { isPlace }]) =>
      isPlace === true ? [`${kind}.${name}`] : [],
    ),
  )
  expect(known).toEqual(places)
  expect(known).toEqual(['capability.place', 'supplier.place', 'facility.address'])
})

test('every kind is recognised by texts, so that a pseudonym fits them', () => {
  for (const kind of Kind.options)
    for (const name of identityOf(kind))
      expect(parseFieldValue(kind, name, 'Some name')).toEqual({ ok: true, value: 'Some name' })
})
