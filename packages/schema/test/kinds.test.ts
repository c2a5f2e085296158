import { describe, expect, test } from 'vitest'
import { canonicalJson } from '../src/canonical-json.ts'
import {
  fieldsOf,
  identityOf,
  jsonSchemaOf,
  Kind,
  kinds,
  parseFieldValue,
} from '../src/kinds/index.ts'

describe('kinds', () => {
  test('are the ten of the specification', () => {
    expect(Object.keys(kinds).sort()).toEqual(Kind.options.toSorted())
    expect(Kind.options).toHaveLength(10)
  })

  test.each(Kind.options)('%s describes every field and asks for its identity', (kind) => {
    for (const [name, field] of Object.entries(fieldsOf(kind))) {
      expect(name).toMatch(/^[a-z][a-z0-9_]*$/)
      expect(field.description.length).toBeGreaterThan(3)
      expect(field.schema.description).toBe(field.description)
    }
    const [identity = ''] = identityOf(kind)
    expect(kinds[kind].schema.safeParse({}).success).toBe(false)
    expect(kinds[kind].schema.safeParse({ [identity]: 'Named' }).success).toBe(true)
    expect(kinds[kind].schema.safeParse({ [identity]: 'Named', surprise: 1 }).success).toBe(false)
  })

  test.each(Kind.options)('%s has a JSON Schema 2020-12 that names its fields', (kind) => {
    const schema = jsonSchemaOf(kind)
    expect(schema.$schema).toBe('https://json-schema.org/draft/2020-12/schema')
    expect(schema.required).toEqual([...identityOf(kind)])
    expect(schema.additionalProperties).toBe(false)
    expect(Object.keys(schema.properties ?? {}).sort()).toEqual(
      [...Object.keys(fieldsOf(kind)), 'ext'].sort(),
    )
  })

  test.each(Kind.options)('%s counts its version from the steps that lead to it', (kind) => {
    const { version, steps } = kinds[kind]
    expect(version).toBe(steps.length + 1)
    const given = steps.flat().flatMap((change) => ('rename' in change ? change.rename : []))
    for (const name of given) expect(fieldsOf(kind)).not.toHaveProperty(name)
  })

  test('national extensions stand under their nation', () => {
    const { schema } = kinds.item
    expect(
      schema.safeParse({ name: 'Fuze', ext: { 'nor.depot-code': { shelf: 7 } } }).success,
    ).toBe(true)
    expect(schema.safeParse({ name: 'Fuze', ext: { depot: 'K7' } }).success).toBe(false)
    expect(schema.safeParse({ name: 'Fuze', ext: { 'nor.depot-code': 0.5 } }).success).toBe(false)
  })
})

describe('parseFieldValue', () => {
  const rate = { number: '25', unit: 'each', per: 'year' }

  test('gives back values that canonical JSON can carry', () => {
    const parsed = parseFieldValue('capability', 'rate_msr', rate)
    expect(parsed).toEqual({ ok: true, value: rate })
    expect(parsed.ok && canonicalJson(parsed.value)).toBe(
      '{"number":"25","per":"year","unit":"each"}',
    )
  })

  test.each<[fact: string, name: string, value: unknown, reason: RegExp]>([
    ['a float', 'rate_msr', { ...rate, number: 25.5 }, /^rate_msr\.number: /],
    ['a negative rate', 'rate_msr', { ...rate, number: '-1' }, /^rate_msr\.number: /],
    ['a rate per week', 'rate_msr', { ...rate, per: 'week' }, /^rate_msr\.per: /],
    ['an unknown part', 'rate_msr', { ...rate, note: 'x' }, /note/],
    ['a TRL of 10', 'trl', 10, /^trl: /],
    [
      'a thirteenth month',
      'sourcing',
      { last_contract_method: 'SS', last_order: '2017-13' },
      /^sourcing\.last_order: /,
    ],
    ['an unassigned nation', 'place', { text: 'Nowhere', nation: 'XXX' }, /^place\.nation: /],
    [
      'a number longer than any',
      'rate_msr',
      { ...rate, number: '1'.repeat(101) },
      /^rate_msr\.number: /,
    ],
    [
      'an amount longer than any',
      'unit_cost',
      { amount: '1'.repeat(101), currency: 'EUR' },
      /^unit_cost\.amount: /,
    ],
    ['a percentage above 100', 'capacity_available_pct', '101', /^capacity_available_pct: /],
    ['null', 'title', null, /^title: /],
  ])('refuses %s, naming the part', (_, name, value, reason) => {
    const parsed = parseFieldValue('capability', name, value)
    expect(parsed).toMatchObject({ ok: false, code: 'INVALID_VALUE' })
    expect(!parsed.ok && parsed.reason).toMatch(reason)
  })

  test('a bound is a percentage: USGS withholds the figure', () => {
    expect(parseFieldValue('gap', 'import_reliance_pct', '>50')).toEqual({ ok: true, value: '>50' })
  })

  test.each(['warp_factor', 'constructor', '__proto__', 'toString'])(
    '%s is an unknown field',
    (name) => {
      expect(parseFieldValue('capability', name, 'x')).toMatchObject({
        ok: false,
        code: 'UNKNOWN_FIELD',
      })
    },
  )
})
