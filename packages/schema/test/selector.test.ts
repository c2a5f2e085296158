import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Kind } from '../src/kinds/index.ts'
import { type Asked, applyAsked, contains, type Selection, selects } from '../src/selector.ts'

const say = (action: Asked['action'], part: Omit<Asked, 'action'> = {}): Asked => ({
  action,
  ...part,
})
const after = (...said: Asked[]): Selection => said.reduce(applyAsked, [] as Selection)

test.each<[what: string, said: Asked[], selection: Selection]>([
  ['all of it', [say('subscribe')], [{}]],
  [
    'the wider takes the place of the narrower',
    [say('subscribe', { kind: 'alert' }), say('subscribe')],
    [{}],
  ],
  [
    'the narrower is in the wider already',
    [say('subscribe'), say('subscribe', { kind: 'alert', topic: 'x' })],
    [{}],
  ],
  [
    'two that overlap stand side by side',
    [say('subscribe', { kind: 'alert' }), say('subscribe', { topic: 'x' })],
    [{ kind: 'alert' }, { topic: 'x' }],
  ],
  [
    'giving up a part of the wider changes nothing',
    [say('subscribe'), say('unsubscribe', { kind: 'alert' })],
    [{}],
  ],
  [
    'giving up the wider gives up all within it',
    [say('subscribe', { kind: 'alert', topic: 'x' }), say('unsubscribe', { kind: 'alert' })],
    [],
  ],
  [
    'only this takes the place of all before',
    [say('subscribe'), say('subscribe', { kind: 'gap', only: true })],
    [{ kind: 'gap' }],
  ],
])('%s', (_, said, selection) => {
  expect(after(...said)).toEqual(selection)
})

const part = fc.record(
  { kind: fc.constantFrom<Kind>('alert', 'gap'), topic: fc.constantFrom('x', 'y') },
  { requiredKeys: [] },
)
const word = fc
  .tuple(fc.constantFrom('subscribe' as const, 'unsubscribe' as const), part, fc.boolean())
  .map(
    ([action, rest, only]): Asked => ({
      action,
      ...rest,
      ...(action === 'subscribe' && only && { only: true as const }),
    }),
  )

test('no selector stands within another, and what was asked for last is selected', () => {
  fc.assert(
    fc.property(fc.array(word, { maxLength: 6 }), (said) => {
      const selection = after(...said)
      for (const one of selection)
        for (const other of selection) if (one !== other) expect(contains(one, other)).toBe(false)
      const last = said.at(-1)
      if (last?.action === 'subscribe')
        expect(selects(selection, last.kind ?? 'item', last.topic ? [last.topic] : [])).toBe(true)
    }),
  )
})

test('nothing is selected by nothing, nor a record without the topic', () => {
  expect(selects([], 'alert', ['x'])).toBe(false)
  expect(selects([{ topic: 'x' }], 'alert', [])).toBe(false)
  for (const kind of Kind.options) expect(selects([{}], kind, [])).toBe(true)
})

test('whoever asks for more than 64 parts asks for all', () => {
  const parts = Array.from({ length: 65 }, (_, i) => say('subscribe', { topic: `topic ${i}` }))
  expect(after(...parts.slice(1))).toHaveLength(64)
  expect(after(...parts)).toEqual([{}])
})
