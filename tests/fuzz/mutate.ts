import type { Random } from '../simulation/random.ts'

const bytesOf = (text: string) => new Uint8Array(Buffer.from(text))
const join = (...parts: readonly Uint8Array[]) => new Uint8Array(Buffer.concat(parts))
const spanIn = (random: Random, { length }: Uint8Array): readonly [number, number] => {
  const from = random.below(length + 1)
  return [from, Math.min(length, from + random.below(Math.max(1, length - from) + 1))]
}
const insert = (random: Random, input: Uint8Array, part: Uint8Array) => {
  const at = random.below(input.length + 1)
  return join(input.subarray(0, at), part, input.subarray(at))
}
const numbers = [
  '0',
  '-1',
  '+1',
  '00',
  '01',
  '1e3',
  '1.5',
  '255',
  '256',
  '65535',
  '4294967296',
  '9007199254740991',
  '9007199254740992',
  '9223372036854775808',
  '18446744073709551616',
  '9'.repeat(400),
  '-0',
  'NaN',
]
const pieces = [
  '\n',
  '\n\n',
  '\r\n',
  '\t',
  '\0',
  ' ',
  '+',
  '/',
  '=',
  '.',
  '-',
  '—',
  '– ',
  '"',
  '\\',
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '__proto__',
  'constructor',
  'null',
  'true',
  '{"__proto__":{}}',
  '\u2028',
  '\ufeff',
  '\u{10ffff}',
  '%00',
  '../',
]
const large = 100_000

/** One change to an input, as a hostile or a broken sender makes it. */
type Mutation = (random: Random, input: Uint8Array, other: Uint8Array) => Uint8Array

const mutations = {
  'flip a bit': (random, input) => {
    if (input.length === 0) return input
    const out = Uint8Array.from(input)
    const at = random.below(out.length)
    out[at] = (out[at] ?? 0) ^ (1 << random.below(8))
    return out
  },
  'set a byte': (random, input) => {
    const out = Uint8Array.from(input)
    if (out.length > 0) out[random.below(out.length)] = random.below(256)
    return out
  },
  'cut the end off': (random, input) => input.subarray(0, random.below(input.length + 1)),
  'cut the start off': (random, input) => input.subarray(random.below(input.length + 1)),
  'take a part out': (random, input) => {
    const [from, to] = spanIn(random, input)
    return join(input.subarray(0, from), input.subarray(to))
  },
  'repeat a part': (random, input) => {
    const [from, to] = spanIn(random, input)
    const part = input.subarray(from, Math.min(to, from + 200))
    const times = random.pick([1, 2, 17, 300])
    return join(
      input.subarray(0, from),
      ...Array.from({ length: times }, () => part),
      input.subarray(from),
    )
  },
  'insert bytes': (random, input) => insert(random, input, random.bytes(random.between(1, 20))),
  'insert a piece': (random, input) => insert(random, input, bytesOf(random.pick(pieces))),
  'splice two inputs': (random, input, other) =>
    join(
      input.subarray(0, random.below(input.length + 1)),
      other.subarray(random.below(other.length + 1)),
    ),
  'swap lines': (random, input) => {
    const lines = Buffer.from(input).toString('latin1').split('\n')
    const [a, b] = [random.below(lines.length), random.below(lines.length)]
    const [one = '', two = ''] = [lines[a], lines[b]]
    lines[a] = two
    lines[b] = one
    return new Uint8Array(Buffer.from(lines.join('\n'), 'latin1'))
  },
  'another number': (random, input) => {
    const text = Buffer.from(input).toString('latin1')
    const all = [...text.matchAll(/\d+/g)]
    if (all.length === 0) return input
    const found = random.pick(all)
    const end = found.index + found[0].length
    return new Uint8Array(
      Buffer.from(
        `${text.slice(0, found.index)}${random.pick(numbers)}${text.slice(end)}`,
        'latin1',
      ),
    )
  },
  'a long line': (random, input) =>
    insert(random, input, new Uint8Array(large).fill(random.pick([0x20, 0x30, 0x41, 0x2b, 0xff]))),
  'many lines': (random, input) =>
    insert(random, input, bytesOf(random.pick(['\n', 'A\n', '— a b\n', '[]\n']).repeat(large / 5))),
  'deep nesting': (random, input) => {
    const [open, close] = random.pick([
      ['[', ']'],
      ['{"a":', '}'],
    ] as const)
    const deep = `${open.repeat(large / 2)}0${random.chance(70) ? close.repeat(large / 2) : ''}`
    const text = Buffer.from(input).toString('latin1')
    const values = [...text.matchAll(/"[^"]*"(?!:)|\b\d+\b|null/g)]
    if (values.length === 0) return bytesOf(deep)
    const { index, 0: value } = random.pick(values)
    return new Uint8Array(
      Buffer.from(`${text.slice(0, index)}${deep}${text.slice(index + value.length)}`, 'latin1'),
    )
  },
} satisfies Record<string, Mutation>

/** One to four changes, by chance. */
export function mutate(random: Random, input: Uint8Array, other: Uint8Array): Uint8Array {
  let out = input
  for (let i = random.pick([1, 1, 1, 2, 3, 4]); i > 0; i--)
    out = random.pick(Object.values(mutations) as Mutation[])(random, out, other)
  return Uint8Array.from(out.subarray(0, 4 * large))
}
