import fc from 'fast-check'
import { expect } from 'vitest'

/** Where a round meets a few, so many rounds meet too few in less than one of 10^9 runs. */
const rounds = 20

/**
 * Holds a property against random cases, round after round, until more than `few` of them were of the sort that it is
 * about: it does not hold of nothing, and it does not fail by chance.
 * @param met how many were of that sort until now
 */
export function assertOften<T>(
  property: fc.IProperty<T>,
  { met, few, numRuns }: { met: () => number; few: number; numRuns: number },
): void {
  let round = 0
  do fc.assert(property, { numRuns })
  while (++round < rounds && met() <= few)
  expect(met()).toBeGreaterThan(few)
}
