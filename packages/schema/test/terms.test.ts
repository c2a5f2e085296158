import fc from 'fast-check'
import { expect, test } from 'vitest'
import { digestOf } from '../src/hash.ts'
import { Terms } from '../src/record.ts'
import { derivedTerms, isAsReceived, joinTerms, onwardReleases, termsIn } from '../src/terms.ts'

const received = fc.constantFrom('a', 'b').map((of) => ({
  record: `urn:entente:${of.repeat(32)}`,
  head: digestOf(of),
  value: digestOf('value'),
}))
const single: fc.Arbitrary<Terms> = fc.record(
  {
    originator: fc.constantFrom('AUS', 'GBR', 'NOR'),
    onward_release: fc.constantFrom(...onwardReleases),
    received,
  },
  { requiredKeys: ['originator', 'onward_release'] },
)
/** Of one originator, or of several as joining makes them. */
const terms = fc
  .array(single, { minLength: 1, maxLength: 3 })
  .map((list) => list.reduce<Terms | undefined>(joinTerms, undefined) as Terms)

test('the join of terms is idempotent, commutative, associative, and well-formed', () => {
  fc.assert(
    fc.property(terms, terms, terms, (a, b, c) => {
      expect(joinTerms(a, a)).toEqual(a)
      expect(joinTerms(a, b)).toEqual(joinTerms(b, a))
      expect(joinTerms(joinTerms(a, b), c)).toEqual(joinTerms(a, joinTerms(b, c)))
      expect(Terms.parse(joinTerms(a, b))).toEqual(joinTerms(a, b))
    }),
    { numRuns: 300 },
  )
})

test('it names every originator, of each the stricter word, and no looser one', () => {
  fc.assert(
    fc.property(terms, terms, (a, b) => {
      const joined = joinTerms(a, b) as Terms
      const rank = (word: Terms['onward_release']) => onwardReleases.indexOf(word)
      for (const { originator, onward_release } of [...termsIn(a), ...termsIn(b)]) {
        const said = termsIn(joined).find((each) => each.originator === originator)
        expect(rank(said?.onward_release ?? 'free')).toBeGreaterThanOrEqual(rank(onward_release))
      }
      // What one of them had not received, the combination has not.
      if (joined.received !== undefined)
        expect([a.received, b.received]).toEqual([joined.received, joined.received])
    }),
    { numRuns: 300 },
  )
})

test('a value is as received to the byte, of one nation, and where that was noted', () => {
  const of: Terms = {
    originator: 'AUS',
    onward_release: 'ask',
    received: {
      record: `urn:entente:${'a'.repeat(32)}`,
      head: digestOf(1),
      value: digestOf({ n: '1' }),
    },
  }
  expect(isAsReceived({ value: { n: '1' }, terms: of })).toBe(true)
  expect(isAsReceived({ value: { n: '1 ' }, terms: of })).toBe(false)
  expect(isAsReceived({ value: { n: '1' }, terms: derivedTerms(of) as Terms })).toBe(false)
  expect(isAsReceived({ value: { n: '1' } })).toBe(false)
  const others: Terms['others'] = [{ originator: 'GBR', onward_release: 'free' }]
  expect(isAsReceived({ value: { n: '1' }, terms: { ...of, others } })).toBe(false)
})
