import type { ReadName } from '../name/read-name.ts'
import { blocksOf } from './blocks.ts'

/** Above this many names in a block, each is compared only with the `heads` most frequent ones of it. */
const blockSize = 48
const heads = 8

/**
 * Pairs worth comparing, as indexes into `names`, the smaller first, each once. The cost grows with the number of names
 * times the size of a block, not with the number of pairs.
 */
export function* candidatePairs(names: readonly ReadName[]): Generator<readonly [number, number]> {
  const seen = new Set<number>()
  for (const { residents, visitors } of blocksOf(names)) {
    const size = residents.length + visitors.length
    if (residents.length === 0 || size < 2) continue
    const ranked = residents.map((at) => [at, names[at] as ReadName] as const).sort(byFrequency)
    const first = size > blockSize ? ranked.slice(0, heads) : ranked
    for (const [one] of first)
      for (const other of [...residents, ...visitors]) {
        const [a, b] = one < other ? [one, other] : [other, one]
        const key = a * names.length + b
        if (a === b || seen.has(key)) continue
        seen.add(key)
        yield [a, b]
      }
  }
}

/** Most rows first, then fewest letters, then by code unit. */
function byFrequency(
  [, a]: readonly [number, ReadName],
  [, b]: readonly [number, ReadName],
): number {
  return b.count - a.count || a.letters.length - b.letters.length || (a.name < b.name ? -1 : 1)
}
