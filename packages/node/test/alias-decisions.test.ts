import fc from 'fast-check'
import { expect, test } from 'vitest'
import { conflictsWith } from '../src/alias/index.ts'

const linked = [
  ['a', 'b'],
  ['c', 'd'],
  ['d', 'e'],
]

test.each<[string, [string, string], [string, string][], boolean]>([
  ['nobody said they differ', ['a', 'c'], [], false],
  ['a person said so', ['a', 'c'], [['a', 'c']], true],
  ['a person said so the other way round', ['a', 'c'], [['c', 'a']], true],
  ['other names of theirs differ', ['a', 'c'], [['b', 'e']], true],
  ['one of them differs from a third', ['a', 'c'], [['a', 'x']], false],
  ['another party differs in itself', ['a', 'b'], [['c', 'e']], false],
  ['the decisions contradict each other', ['c', 'e'], [['c', 'd']], true],
  ['a name differs from itself', ['x', 'y'], [['x', 'x']], true],
])('linking conflicts or not when %s', (_, pair, distinct, conflict) => {
  expect(conflictsWith({ linked, distinct }, pair)).toBe(conflict)
})

test('linking conflicts whatever the order of names and decisions', () => {
  const name = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f')
  const pair = fc.tuple(name, name)
  const decisions = fc.record({ linked: fc.array(pair), distinct: fc.array(pair) })
  fc.assert(
    fc.property(decisions, pair, ({ linked: links, distinct }, [a, b]) => {
      const one = conflictsWith({ linked: links, distinct }, [a, b])
      const other = conflictsWith(
        {
          linked: links.map(([x, y]) => [y, x]).reverse(),
          distinct: distinct.map(([x, y]) => [y, x] as const).reverse(),
        },
        [b, a],
      )
      expect(other).toBe(one)
    }),
  )
})
