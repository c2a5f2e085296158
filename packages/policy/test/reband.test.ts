import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checkPolicy } from '../src/check.ts'
import type { Bands, Reband } from '../src/document.ts'
import { loosenedTypes, nextMoment } from '../src/reband.ts'
import { diff } from './compare.ts'
import { documentWith } from './fixtures.ts'

const base = documentWith().bands
const rebanded = (reband: Reband | undefined, edges?: readonly string[]): Bands => {
  const { levels = [] } = base.rate ?? {}
  const cut = edges && [
    { name: 'fine' as const, edges },
    { name: 'coarse' as const, edges: edges.slice(0, 1) },
  ]
  return { ...base, rate: { levels: cut ?? levels, ...(reband && { reband }) } }
}
const policyOf = (reband: Reband | undefined, edges?: readonly string[]) =>
  documentWith({ bands: rebanded(reband, edges) })

/** The platform's own calendar, step by step: not the arithmetic of the engine. */
function nextByDays(every: Reband['every'], atMs: number): number {
  const day = new Date(atMs)
  day.setUTCHours(0, 0, 0, 0)
  const isFirst = (): boolean => {
    const [month, date] = [day.getUTCMonth(), day.getUTCDate()]
    if (every === 'day') return true
    if (every === 'week') return day.getUTCDay() === 1
    if (every === 'month') return date === 1
    return date === 1 && month % (every === 'quarter' ? 3 : 12) === 0
  }
  do day.setUTCDate(day.getUTCDate() + 1)
  while (!isFirst())
  return day.getTime()
}

test('the next moment is the one that the calendar has', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('day', 'week', 'month', 'quarter', 'year'),
      fc.integer({ min: Date.UTC(1960, 0, 1), max: Date.UTC(2110, 0, 1) }),
      (every, atMs) => {
        const next = nextMoment(every, atMs)
        expect(next).toBe(nextByDays(every, atMs))
        // A moment is after itself: what was looked at then is not looked at twice.
        expect(nextMoment(every, next)).toBeGreaterThan(next)
        expect(nextMoment(every, next - 1)).toBe(next)
      },
    ),
    { numRuns: 300 },
  )
})

describe('policy check', () => {
  test.each<[what: string, margin: string, edges: readonly string[], at: string | null]>([
    ['no margin', '0', ['0', '1', '2'], null],
    ['a margin short of the middle of the bands beside it', '4.9', ['0', '10', '11.1'], null],
    ['a margin to the middle of the band above', '5', ['0', '10', '11'], '10'],
    ['a margin to the middle of the band below', '2', ['0', '96', '100', '1000'], '100'],
    ['any margin of the edge 0, which is none', '49', ['0', '10'], null],
    ['half of the lowest band', '50', ['0', '10'], '10'],
    ['an open band above, which has no middle', '49', ['0', '1000000'], null],
    ['a first edge that is not 0', '50', ['10', '20'], '10'],
  ])('weighs %s', (_, margin, edges, at) => {
    const issues = checkPolicy(policyOf({ every: 'month', margin }, edges))
    expect(issues.map(({ code, place }) => [code, place])).toEqual(
      at === null ? [] : [['BAND_MARGIN', 'bands.rate.reband.margin']],
    )
    if (at !== null) expect(issues[0]?.message).toContain(`of the edge ${at} `)
  })

  test.each([
    ['another word', { every: 'fortnight', margin: '5' }],
    ['a number for a margin', { every: 'day', margin: 5 }],
    ['a margin below 0', { every: 'day', margin: '-1' }],
    ['no margin', { every: 'day' }],
    ['more than it knows', { every: 'day', margin: '1', zone: 'Europe/Oslo' }],
  ])('refuses %s, with its place', (_, reband) => {
    const [issue] = checkPolicy({ ...documentWith(), bands: rebanded(reband as Reband) })
    expect(issue?.code).toBe('FORM')
    expect(issue?.place).toContain('bands.rate.reband')
  })

  test('lets an edition add and change a schedule: edges stay as they were', () => {
    const earlier = rebanded({ every: 'year', margin: '5' })
    expect(checkPolicy(policyOf(undefined), earlier)).toEqual([])
    expect(checkPolicy(policyOf({ every: 'day', margin: '1' }), base)).toEqual([])
  })
})

describe('an edition whose bands follow their values closer lets more go', () => {
  const monthly = { every: 'month', margin: '5' } as const
  test.each<[what: string, before: Reband | undefined, after: Reband | undefined, wide: boolean]>([
    ['a schedule taken away', monthly, undefined, true],
    ['a shorter one', monthly, { ...monthly, every: 'week' }, true],
    ['a smaller margin', monthly, { ...monthly, margin: '4.99' }, true],
    ['a smaller margin, though a longer one', monthly, { every: 'year', margin: '4' }, true],
    ['a schedule given', undefined, monthly, false],
    ['a longer one', monthly, { ...monthly, every: 'quarter' }, false],
    ['a larger margin', monthly, { ...monthly, margin: '5.01' }, false],
    ['the same one, written otherwise', monthly, { ...monthly, margin: '5.0' }, false],
  ])('%s: %j to %j', (_, before, after, wide) => {
    expect(loosenedTypes(rebanded(before), rebanded(after))).toEqual(wide ? ['rate'] : [])
    const { widens } = diff(policyOf(before), { ...policyOf(after), edition: 2 })
    expect(widens).toEqual(wide ? ['bands of rate would follow their values closer'] : [])
  })
})
