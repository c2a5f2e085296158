import { fieldsOf, type Json, jsonSchemaOf, type Kind, Nation } from '@entente/schema'
import fc from 'fast-check'
import type { z } from 'zod'

/** Text as people, machines and attackers write it: scripts of all sorts, line breaks, formula starts, marks of our own. */
export const nastyText: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 8 }),
      fc.string({ unit: 'binary', maxLength: 3 }),
      fc.constantFrom(
        '=1+1',
        '+',
        '-',
        '@SUM(A1)',
        "'",
        '"',
        ';',
        '; ',
        ',',
        '\n',
        '\r\n',
        '\t',
        '\r',
        ';=cmd|',
        "\n'-",
        '＝1',
        '(remove)',
        '[',
        '["a"]',
        '{"a":1}',
        'true',
        '007',
        '-3.5',
        '2017-03-31',
        '3/31/2017',
        '25..100',
        '_x0041_',
        '\ufeff',
        '\u0000',
        '\uffff',
        ' ',
      ),
    ),
    { minLength: 1, maxLength: 5 },
  )
  .map((parts) => parts.join(''))

/** Values of a field, from its kind's own schema. */
export function valuesOfField(kind: Kind, name: string): fc.Arbitrary<Json> {
  const document = jsonSchemaOf(kind)
  const schema = document.properties?.[name]
  const definition = fieldsOf(kind)[name]
  return arbitraryOf(schema ?? true)
    .map((value) => {
      const parsed = definition?.schema.safeParse(value)
      return parsed?.success ? (parsed.data as Json) : value
    })
    .filter((value) => definition === undefined || definition.schema.safeParse(value).success)
}

/** Anything that canonical JSON can carry. */
export const anyJson: fc.Arbitrary<Json> = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    nastyText,
    fc.constant(''),
    fc.boolean(),
    fc.maxSafeInteger().map((n) => (n === 0 ? 0 : n)),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(nastyText, tie('value'), { maxKeys: 3, noNullPrototype: true }),
  ),
})).value

function arbitraryOf(schema: z.core.JSONSchema._JSONSchema): fc.Arbitrary<Json> {
  if (typeof schema === 'boolean') return anyJson
  const { type, pattern, items, properties, required = [], enum: options } = schema
  if (schema.const !== undefined) return fc.constant(schema.const as Json)
  if (options !== undefined) return fc.constantFrom(...(options as Json[]))
  if (type === 'boolean') return fc.boolean()
  if (type === 'integer')
    return fc.integer({ min: schema.minimum ?? -1e9, max: Math.min(schema.maximum ?? 1e9, 1e9) })
  if (type === 'string') {
    if (pattern === '^[A-Z]{3}$') return fc.constantFrom(...nations)
    return pattern === undefined ? nastyText : fc.stringMatching(new RegExp(pattern))
  }
  if (type === 'array' && items !== undefined && !Array.isArray(items))
    return fc.array(arbitraryOf(items), { minLength: schema.minItems ?? 0, maxLength: 4 })
  if (type === 'object' && properties !== undefined)
    return fc.record(
      Object.fromEntries(Object.entries(properties).map(([name, of]) => [name, arbitraryOf(of)])),
      { requiredKeys: required, noNullPrototype: true },
    )
  return anyJson
}

const nations: readonly Json[] = ['CAN', 'GBR', 'NOR', 'USA'].map((code) => Nation.parse(code))
