import { expect, test } from 'vitest'
import { createRepeats } from '../src/gossip/repeats.ts'
import type { OriginState, Seen } from '../src/gossip/step.ts'

const seen = (size: number, root = 'aa'): Seen => ({ size, root, note: `note of ${size}` })
const standing = (change: Partial<OriginState> = {}): OriginState => ({
  held: null,
  via: [],
  challenge: null,
  forked: false,
  ...change,
})
const challengeOf = (of: Seen, askedMs = 0) => ({
  ...{ seen: of, from: null, chain: null, sinceMs: 0, askedMs },
  ...{ kept: false, unproven: false },
})

test('what was heard and changed nothing is known again, and only while nothing has changed', () => {
  const repeats = createRepeats()
  const held = seen(7)
  const now = standing({ held })
  expect(repeats.sizeOf('log', 'seven', now)).toBe(null)
  repeats.heard('log', 'seven', 7, now, standing({ held }))
  expect(repeats.sizeOf('log', 'seven', now)).toBe(7)
  expect(repeats.sizeOf('log', 'other', now)).toBe(null)
  expect(repeats.sizeOf('other log', 'seven', now)).toBe(null)
  const grown = seen(8)
  for (const changed of [
    undefined,
    standing({ held: seen(7) }),
    standing({ held: grown }),
    standing({ held, challenge: challengeOf(grown) }),
    standing({ held, forked: true }),
  ])
    expect(repeats.sizeOf('log', 'seven', changed)).toBe(null)
  repeats.forget('log')
  expect(repeats.sizeOf('log', 'seven', now)).toBe(null)
})

test('what changed something is looked at again, and so is what came before a challenge', () => {
  const repeats = createRepeats()
  const held = seen(7)
  const challenge = challengeOf(seen(9))
  repeats.heard('log', 'nine', 9, standing({ held }), standing({ held, challenge }))
  expect(repeats.sizeOf('log', 'nine', standing({ held, challenge }))).toBe(null)
  repeats.heard('log', 'ten', 10, standing({ held, challenge }), standing({ held, challenge }))
  // To be asked again is no news.
  const asked = standing({ held, challenge: { ...challenge, askedMs: 5 } })
  expect(repeats.sizeOf('log', 'ten', asked)).toBe(10)
  // Ten was put off by a challenge that has ended since.
  expect(repeats.sizeOf('log', 'ten', standing({ held }))).toBe(null)
})

test('a log that is shown at many sizes fills no memory', () => {
  const repeats = createRepeats()
  const now = standing({ held: seen(1) })
  for (let size = 2; size < 1_000; size++) repeats.heard('log', `size ${size}`, size, now, now)
  const known = Array.from({ length: 1_000 }, (_, size) =>
    repeats.sizeOf('log', `size ${size}`, now),
  ).filter((size) => size !== null)
  expect(known.length).toBeLessThanOrEqual(16)
  expect(known).toContain(999)
})
