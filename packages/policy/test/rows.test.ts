import { expect, test } from 'vitest'
import { compilePolicy } from '../src/compile.ts'
import { type Decision, decide } from '../src/decide.ts'
import type { Match, Row } from '../src/document.ts'
import {
  allFive,
  beside,
  consentWith,
  documentWith,
  labelled,
  open,
  permitted,
  policyWith,
  record,
  recordWith,
  suppliedBy,
} from './fixtures.ts'

const permit = (match: Match): Row => ({ ...allFive, match })
const to = { recipient: { in: ['GBR'] } }
const deny = (match: Match): Row => ({ id: 'no', effect: 'deny', match, reasonCode: 'NO' })
const band = (id: string, match: Match, level: 'fine' | 'coarse' = 'fine'): Row => ({
  id,
  effect: 'transform',
  match,
  transform: { kind: 'band', level },
  reasonCode: id.toUpperCase(),
  authority: `ground of ${id}`,
})
const ask = (rules: readonly Row[], change: Partial<typeof permitted> = {}): Decision =>
  // Not parsed: even rows that the schema refuses must fail closed.
  decide({ ...permitted, ...change }, compilePolicy({ ...documentWith(), rules }))

test.each<[fact: string, match: Match, effect: Decision['effect']]>([
  ['recipient is named', { recipient: { in: ['GBR'] } }, 'permit'],
  ['recipient is not among those left out', { recipient: { notIn: ['NOR'] } }, 'permit'],
  ['recipient is left out', { recipient: { notIn: ['GBR'] } }, 'deny'],
  ['kind is another', { ...to, kind: { in: ['gap'] } }, 'deny'],
  ['field is named', { ...to, field: { in: ['rate_max'] } }, 'permit'],
  ['dataset is another', { ...to, dataset: { in: ['sites'] } }, 'deny'],
  ['level is at most the row’s', { ...to, classification: { atMost: 'RESTRICTED' } }, 'permit'],
  ['level is below the row’s least', { ...to, classification: { atLeast: 'SECRET' } }, 'deny'],
  ['caveats are within the row’s', { ...to, caveats: { subsetOf: [] } }, 'permit'],
  ['purpose is another', { ...to, purpose: { in: ['display'] } }, 'deny'],
  ['row has begun', { ...to, at: { from: '2026-10-01' } }, 'permit'],
  ['row begins tomorrow', { ...to, at: { from: '2026-10-02' } }, 'deny'],
  ['row ends today', { ...to, at: { until: '2026-10-01' } }, 'deny'],
  ['record has no confidence to look at', { ...to, confidence: { in: ['A1'] } }, 'deny'],
  ['row selects nothing at all', {}, 'deny'],
  ['list is empty', { recipient: { in: [] } }, 'deny'],
  ['list of exceptions is empty', { recipient: { notIn: [] } }, 'deny'],
  ['list of groups is empty', { recipientGroups: { intersects: [] } }, 'deny'],
])('a permit row, when the %s: %s → %s', (_, match, effect) => {
  expect(ask([permit(match)]).effect).toBe(effect)
})

test.each<[fact: string, match: Match, effect: Decision['effect']]>([
  ['record has no confidence to look at', { confidence: { in: ['F6'] } }, 'deny'],
  ['row selects nothing at all', {}, 'deny'],
  ['list is empty', { recipient: { in: [] } }, 'deny'],
  [
    'one condition is false and one unknown',
    { ...to, kind: { in: ['gap'] }, confidence: { in: ['F6'] } },
    'permit',
  ],
])('a deny row, when the %s: %s → %s', (_, match, effect) => {
  expect(ask([allFive, deny(match)]).effect).toBe(effect)
})

test('deny beats approve beats transform beats permit', () => {
  const approve: Row = { id: 'officer', effect: 'approve', match: to, reasonCode: 'OFFICER' }
  const rows = [allFive, band('band', to), approve, deny(to)]
  const effects = [1, 2, 3, 4].map((count) => ask(rows.slice(0, count)).effect)
  expect(effects).toEqual(['permit', 'transform', 'approve', 'deny'])
})

test('transforms of all matching rows are joined, never the first taken', () => {
  const rows = [band('a-coarse', to, 'coarse'), band('b-fine', to)]
  expect(ask(rows)).toMatchObject({
    transform: { kind: 'band', level: 'coarse' },
    rules: ['a-coarse', 'b-fine'],
    because: ['A-COARSE', 'B-FINE'],
    authority: 'ground of a-coarse',
  })
})

test('a transform row with an unknown attribute coarsens what is released and releases nothing', () => {
  const unsure = band('unsure', { ...to, confidence: { in: ['F6'] } })
  expect(ask([unsure])).toMatchObject({
    effect: 'deny',
    because: ['no rule permits it'],
    rules: [],
  })
  expect(ask([allFive, unsure])).toMatchObject({
    effect: 'transform',
    authority: 'AUKUS exercise 1',
  })
})

/** Where the supplier has consented, all is left to the rows. */
const askConsented = (rules: readonly Row[], about: typeof record): Decision =>
  decide(
    { ...permitted, record: suppliedBy(about) },
    beside(compilePolicy({ ...documentWith(), rules }), consentWith()),
  )

test('a stricter label does not turn a band back into the exact value', () => {
  const rows = [permit({ ...to, caveats: { subsetOf: ['COMMERCIAL'] } }), band('band', to)]
  const about = labelled('rate_max', { caveats: ['COMMERCIAL'] })
  expect(askConsented(rows, about).effect).toBe('transform')
})

test('a COMMERCIAL field goes only by a row that says so', () => {
  const about = labelled('rate_max', { caveats: ['COMMERCIAL'] })
  expect(askConsented([permit(to)], about).effect).toBe('deny')
  expect(
    askConsented([permit({ ...to, caveats: { subsetOf: ['COMMERCIAL'] } })], about).effect,
  ).toBe('permit')
})

test('concurrent edits hold a release for a person, and do not excuse a denial', () => {
  const field = { value: '1', label: open, conflict: true as const }
  const asked = { record: recordWith({ fields: { ...record.fields, rate_max: field } }) }
  expect(ask([allFive], asked)).toMatchObject({
    effect: 'approve',
    because: ['concurrent edits disagree: a person must choose'],
  })
  expect(ask([allFive, deny(to)], asked).effect).toBe('deny')
})

test('a group is expanded as of the decision, not as of today', () => {
  const policy = policyWith({
    groups: {
      AUKUS: [{ nation: 'GBR', from: '2026-02-01', until: '2026-06-01' }],
      PARTNERS: [{ nation: 'GBR', from: '2021-01-01' }],
    },
  })
  const on = (atMs: number) => decide({ ...permitted, atMs }, policy)
  const [february, june] = [1_769_904_000_000, 1_780_272_000_000]
  expect(on(february - 1).effect).toBe('deny')
  expect(on(february)).toMatchObject({ effect: 'permit', validUntil: june })
  expect(on(june).effect).toBe('deny')
  expect(on(february - 1).validUntil).toBe(february)
})
