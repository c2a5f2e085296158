import type { Acknowledgement, Tally } from '@entente/schema'
import { expect, test } from 'vitest'
import type { FindingCode } from '../src/finding.ts'
import { checkTally } from '../src/join/check-tally.ts'
import type { Feed } from '../src/statements/feeds.ts'
import { askedIn } from '../src/statements/subscriptions.ts'

const statements = [3, 2, 4].map((count, seq) => ({
  kind: 'release',
  statement: { seq, entries: Array.from({ length: count }, (_, i) => `${seq} ${i}`) },
}))
const feed = { id: 'f', sound: true, erasedTo: -1, statements } as unknown as Feed
const said = { entries: 5, accepted: 3, refused: 1, unchanged: 0, unopened: 1 }

function codesOf(tally: Tally | undefined, change: Partial<Feed> = {}): FindingCode[] {
  const codes: FindingCode[] = []
  const ack = { feed: 'f', seq: 1, by: 'GBR', to: 'USA', at: 1, tally } as Acknowledgement
  checkTally({ ...feed, ...change }, [{ jws: '', ack }], (code) => void codes.push(code))
  return codes
}

test('a tally adds up to the entries of the statements that it acknowledges', () => {
  expect(codesOf(said)).toEqual([])
  expect(codesOf(undefined)).toEqual([])
})

test.each<[what: string, change: Partial<Tally>]>([
  ['counts more than was sealed', { entries: 6, accepted: 4 }],
  ['counts less', { entries: 4, accepted: 2 }],
  ['does not add up', { accepted: 4 }],
  ['hides what it refused', { refused: 0 }],
])('one that %s is found', (_, change) => {
  expect(codesOf({ ...said, ...change })).toEqual(['TALLY_DIFFERS'])
})

test('where a statement is missing or erased nothing can be counted', () => {
  const wrong = { ...said, entries: 9 }
  expect(codesOf(wrong, { sound: false })).toEqual([])
  expect(codesOf(wrong, { erasedTo: 1 })).toEqual([])
})

const b64 = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
const word = (part: object) => {
  const digest = 'X9yH0Ajrdm1Oij4tWso9UzzKJvPoDxwmuEcO3XAdRC0'
  const payload = {
    ...part,
    ...{ at: 1, dataset: 'production', feed: digest, origin: 'gbr.entente.example/log/1' },
    ...{ prev: digest, recipient: 'USA', seq: 1 },
  }
  const sorted = Object.fromEntries(Object.entries(payload).sort(([a], [b]) => (a < b ? -1 : 1)))
  return { from: 'GBR', jws: `${b64({ alg: 'EdDSA', typ: 'entente-subscribe' })}.${b64(sorted)}.x` }
}

test('what was never asked for is known, and what may have left the selection meanwhile', () => {
  const received = [
    word({ action: 'subscribe', kind: 'alert' }),
    word({ action: 'subscribe', topic: 'ammunition' }),
    word({ action: 'subscribe', kind: 'alert', only: true }),
  ]
  const asked = askedIn({ received } as never)
  const elsewhere = askedIn({ received: [] } as never, false)
  const shells = { kind: 'capability', topics: ['ammunition'] } as const
  const radar = { kind: 'capability', topics: ['sensors'] } as const
  expect(asked.wasNever('GBR', 'production', shells)).toBe(false)
  expect(asked.wasNever('GBR', 'production', radar)).toBe(true)
  // Of a nation whose words are not shown nothing is said.
  expect(asked.wasNever('NOR', 'production', radar)).toBe(false)
  expect(asked.mayHaveLeft('GBR', 'production', shells)).toBe(true)
  expect(asked.mayHaveLeft('GBR', 'production', { kind: 'alert', topics: [] })).toBe(false)
  expect(asked.mayHaveLeft('GBR', 'production', null)).toBe(false)
  // A node at which nobody asks cannot show who asks no longer.
  expect(elsewhere.mayHaveLeft('GBR', 'production', null)).toBe(true)
  expect(elsewhere.wasNever('GBR', 'production', radar)).toBe(false)
})
