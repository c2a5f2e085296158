import { expect, test } from 'vitest'
import {
  formatVerifierKey,
  formatWitnessPolicy,
  meetsQuorum,
  parseWitnessPolicy,
} from '../src/index.ts'
import { codeOf } from './errors.ts'
import { testSigner, testWitness } from './keys.ts'

const x = ['x1', 'x2', 'x3'].map((name) => testWitness(`${name}.example`).key)
const y = ['y1', 'y2'].map((name) => testWitness(`${name}.example`).key)
const log = formatVerifierKey(testSigner('log.example').key)
const [x1 = '', x2 = '', x3 = '', y1 = '', y2 = ''] = [...x, ...y].map(formatVerifierKey)

const keys = `witness X1 ${x1}\nwitness X2 ${x2}\nwitness X3 ${x3}\nwitness Y1 ${y1}\nwitness Y2 ${y2}\n`
const groups = 'group X 2 X1 X2 X3\ngroup Y any Y1 Y2\ngroup X-and-Y all X Y\n'
const text = `# ours\nlog ${log} https://log.example/\n${keys}${groups}quorum X-and-Y\n`

test('reads logs, witnesses and nested groups', () => {
  const policy = parseWitnessPolicy(text)
  expect(policy.logs).toMatchObject([{ url: 'https://log.example/' }])
  expect([...policy.witnesses.keys()]).toEqual(['X1', 'X2', 'X3', 'Y1', 'Y2'])
  expect(policy.groups.get('X')).toEqual({ threshold: 2, members: ['X1', 'X2', 'X3'] })
})

test.each([text, `${keys}quorum X2\n`, `log ${log}\nquorum none\n`])(
  'is read again as it was written: policy %#',
  (given) => {
    const policy = parseWitnessPolicy(given)
    const written = formatWitnessPolicy(policy)
    expect(parseWitnessPolicy(written)).toEqual(policy)
    expect(formatWitnessPolicy(parseWitnessPolicy(written))).toBe(written)
  },
)

test.each<[has: number[], meets: boolean]>([
  [[], false],
  [[0, 1], false],
  [[0, 3, 4], false],
  [[0, 0, 3], false],
  [[0, 2, 4], true],
  [[0, 1, 2, 3, 4], true],
])('witnesses %j make the quorum: %s', (has, meets) => {
  const cosigned = has.flatMap((i) => [...x, ...y][i] ?? [])
  expect(meetsQuorum(parseWitnessPolicy(text), cosigned)).toBe(meets)
})

test('a quorum of none needs no witness, a quorum of one witness needs that one', () => {
  expect(meetsQuorum(parseWitnessPolicy('quorum none'), [])).toBe(true)
  const single = parseWitnessPolicy(`${keys}quorum X2`)
  expect(meetsQuorum(single, x.slice(0, 1))).toBe(false)
  expect(meetsQuorum(single, x.slice(1, 2))).toBe(true)
})

test.each<[what: string, policy: string, code: string]>([
  ['no quorum', keys, 'POLICY_MALFORMED'],
  ['two quorums', `${text}quorum none\n`, 'POLICY_MALFORMED'],
  ['an unknown line', `${text}mirror a\n`, 'POLICY_MALFORMED'],
  ['a control character', text.replace('ours', 'o\rurs'), 'POLICY_MALFORMED'],
  ['a name twice', `${keys}group X1 any X2\nquorum none`, 'POLICY_MALFORMED'],
  ['a member of two groups', `${keys}group a any X1\ngroup b any X1\nquorum a`, 'POLICY_MALFORMED'],
  ['a member twice', `${keys}group a any X1 X1\nquorum a`, 'POLICY_MALFORMED'],
  ['a member defined later', `group a any X1\n${keys}quorum a`, 'POLICY_MALFORMED'],
  ['none as a member', `${keys}group a any none\nquorum a`, 'POLICY_MALFORMED'],
  ['an empty group', 'group a all\nquorum a', 'POLICY_MALFORMED'],
  ['a threshold of 0', `${keys}group a 0 X1\nquorum a`, 'POLICY_MALFORMED'],
  ['a threshold above n', `${keys}group a 2 X1\nquorum a`, 'POLICY_MALFORMED'],
  ['a threshold with a zero', `${keys}group a 01 X1\nquorum a`, 'POLICY_MALFORMED'],
  ['a threshold from JavaScript', `${keys}group a toString X1\nquorum a`, 'POLICY_MALFORMED'],
  ['a name without a key', 'witness a\nquorum none', 'VKEY_MALFORMED'],
  ['a fourth item', `witness a ${x1} url more\nquorum none`, 'POLICY_MALFORMED'],
  ['a log key for a witness', `witness a ${log}\nquorum none`, 'KEY_TYPE'],
  ['a witness key for a log', `log ${x1}\nquorum none`, 'KEY_TYPE'],
  ['a log twice', `log ${log}\nlog ${log}\nquorum none`, 'POLICY_MALFORMED'],
  [
    'one public key under two names',
    `witness a ${x1}\nwitness b ${formatVerifierKey(testWitness('alias', 'x1.example').key)}\nquorum none`,
    'POLICY_MALFORMED',
  ],
])('refuses %s', (_, policy, code) => {
  expect(codeOf(() => parseWitnessPolicy(policy))).toBe(code)
})
