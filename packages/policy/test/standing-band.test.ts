import type { DataRecord, Json, Label, Role } from '@entente/schema'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bandValue } from '../src/bands.ts'
import { composeFragment } from '../src/compose.ts'
import type { Decision } from '../src/decide.ts'
import { createDecider } from '../src/decider.ts'
import type { Reband, Row } from '../src/document.ts'
import { explain } from '../src/explain.ts'
import { explainStanding } from '../src/explain-standing.ts'
import {
  dueOf,
  isOpenFor,
  lookAgain,
  type StandingBands,
  stricter,
  type Watch,
} from '../src/standing-band.ts'
import { assertOften } from './enough.ts'
import {
  allFive,
  beside,
  consentWith,
  documentWith,
  labelled,
  october,
  open,
  permitted,
  policyWith,
  suppliedBy,
} from './fixtures.ts'

const DAY = 86_400_000
const { bands: plain } = documentWith()
const edges = [0, 10, 30, 100, 300, 1000]
const scheduled = (reband: Reband) => ({
  ...plain,
  rate: { levels: plain.rate?.levels ?? [], reband },
  months: { levels: plain.months?.levels ?? [], reband },
})
const policyOf = (reband: Reband) => policyWith({ bands: scheduled(reband) })
const rate = (number: number | string, unit = 'each'): Json => ({
  number: String(number),
  unit,
  per: 'year',
})

type Level = 'fine' | 'coarse'
interface Range {
  readonly from: number
  readonly to: number
}
const rangeOf = (value: Json, level: Level, policy = policyOf({ every: 'day', margin: '5' })) => {
  const made = bandValue(value, 'rate', level, policy.bands) as unknown as {
    number: { from: string; to?: string }
  }
  const { from, to } = made.number
  return { from: Number(from), to: to === undefined ? Infinity : Number(to) } satisfies Range
}
const isWithin = (inner: Range, outer: Range) => outer.from <= inner.from && inner.to <= outer.to

/** A node in small: one value for all, looked at when the record changes and when it is due, and taken when something goes. */
function createSmallNode(reband: Reband) {
  const policy = policyOf(reband)
  let stood: { value: Json; watch: Watch } | null = null
  let present: Json = null
  return {
    dueMs: () => (stood === null ? null : dueOf(stood.watch, 'rate', policy)),
    /** Decides at a time, for all who are not paused. @param held what each has, which is changed */
    decide: (
      value: number,
      atMs: number,
      held: Map<string, Range>,
      to: ReadonlyMap<string, Level>,
    ) => {
      present = rate(value)
      if (stood !== null) {
        const look = {
          standing: stood.value,
          present,
          atMs,
          type: 'rate',
          policy,
          live: true,
        } as const
        stood = { ...stood, watch: lookAgain(stood.watch, look) }
      }
      const from =
        stood === null || isOpenFor(stood.watch, { present, atMs, type: 'rate', policy })
          ? present
          : stood.value
      let goes = false
      for (const [nation, level] of to) {
        const range = rangeOf(from, level, policy)
        const has = held.get(nation)
        if (has?.from === range.from && has.to === range.to) continue
        held.set(nation, range)
        goes = true
      }
      if (goes && from === present)
        stood = { value: present, watch: { leftMs: null, openFor: null } }
    },
  }
}

interface Step {
  readonly hours: number
  readonly value: number
  readonly paused: readonly string[]
}

/** Steps of a day or so each: what the value is then, and who is paused. */
const walk: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.record({
    hours: fc.integer({ min: 1, max: 70 }),
    value: fc.oneof(
      fc.integer({ min: 0, max: 1200 }),
      fc.constantFrom(9, 10, 11, 29, 30, 99, 100, 106),
    ),
    paused: fc.subarray(['a', 'b', 'c']),
  }),
  { minLength: 1, maxLength: 40 },
)
const schedule: fc.Arbitrary<Reband> = fc.record({
  every: fc.constantFrom('day', 'week', 'month'),
  margin: fc.constantFrom('0', '5', '12.5'),
})
/** a and b have bands from the start or from some step on, c and always-on ones as well. */
const starts = fc.record({ a: fc.nat(12), b: fc.nat(12), c: fc.nat(12) })
const levelsOf: Readonly<Record<string, Level>> = {
  a: 'fine',
  b: 'coarse',
  c: 'fine',
  fine: 'fine',
  coarse: 'coarse',
}

/** First moment of the schedule after a time, by the platform's calendar. */
function momentAfter(every: Reband['every'], atMs: number): number {
  const day = new Date(atMs)
  day.setUTCHours(0, 0, 0, 0)
  do day.setUTCDate(day.getUTCDate() + 1)
  while (every === 'week' ? day.getUTCDay() !== 1 : every === 'month' && day.getUTCDate() !== 1)
  return day.getTime()
}

/** Whether a value is past an edge of a fine band by more than the margin, in whole thousandths. */
function isPast(value: number, stands: number, margin: number): boolean {
  const at = edges.findLastIndex((edge) => edge <= stands)
  const [from, to] = [edges[at] ?? 0, edges[at + 1] ?? Infinity]
  return value * 1000 < from * (1000 - margin * 10) || value * 1000 >= to * (1000 + margin * 10)
}

interface Seen {
  readonly atMs: number
  readonly value: number
  readonly held: ReadonlyMap<string, Range>
}

/** The walk as the nations see it: after every change, and at every moment at which the node wakes by itself. */
function play(
  reband: Reband,
  steps: readonly Step[],
  from: Readonly<Record<string, number>>,
  always: readonly string[],
): readonly Seen[] {
  const node = createSmallNode(reband)
  const held = new Map<string, Range>()
  const seen: Seen[] = []
  let value = steps[0]?.value ?? 0
  let atMs = october + 3_600_000
  const decide = (to: ReadonlyMap<string, Level>) => {
    node.decide(value, atMs, held, to)
    seen.push({ atMs, value, held: new Map(held) })
  }
  for (const [i, step] of steps.entries()) {
    const to = new Map(
      [
        ...Object.entries(from)
          .filter(([name, at]) => at <= i && !step.paused.includes(name))
          .map(([name]) => name),
        ...always,
      ].map((name) => [name, levelsOf[name] ?? 'fine'] as const),
    )
    const until = atMs + step.hours * 3_600_000 + 1
    for (let due = node.dueMs(); due !== null && due <= until; due = node.dueMs()) {
      atMs = due
      decide(to)
    }
    atMs = until
    value = step.value
    decide(to)
  }
  return seen
}

describe('over any walk of a value', () => {
  test('bands of any two nations are equal or nested, but for one that waits to be told', () => {
    fc.assert(
      fc.property(schedule, walk, starts, (reband, steps, from) => {
        for (const { held } of play(
          reband,
          steps.map((step) => ({ ...step, paused: [] })),
          from,
          ['fine'],
        ))
          for (const [one, inner] of held)
            for (const [two, outer] of held)
              expect(
                isWithin(inner, outer) || isWithin(outer, inner),
                `${one} ${JSON.stringify(inner)} and ${two} ${JSON.stringify(outer)}`,
              ).toBe(true)
      }),
      { numRuns: 60 },
    )
  })

  test.each([['fine'], ['coarse']])(
    'a band that nobody paused never moves between two moments, whoever else is paused: %s',
    (level) => {
      let moves = 0
      assertOften(
        fc.property(schedule, walk, starts, (reband, steps, from) => {
          const seen = play(reband, steps, from, [level])
          for (const [i, { atMs, held }] of seen.entries()) {
            const before = seen[i - 1]
            if (before === undefined) continue
            if (JSON.stringify(before.held.get(level)) === JSON.stringify(held.get(level))) continue
            moves++
            expect(momentAfter(reband.every, before.atMs)).toBe(atMs)
          }
        }),
        { met: () => moves, few: 20, numRuns: 60 },
      )
    },
  )

  test('what stands is the value of the last moment at which it was past the margin', () => {
    fc.assert(
      fc.property(schedule, walk, (reband, steps) => {
        const seen = play(reband, steps, { a: 99, b: 99, c: 99 }, ['fine'])
        let stands = seen[0]?.value ?? 0
        let before = seen[0]
        for (const now of seen) {
          // At each moment since, the value was the one of the step before.
          for (
            let at = momentAfter(reband.every, before?.atMs ?? 0);
            at <= now.atMs;
            at = momentAfter(reband.every, at)
          )
            if (isPast(before?.value ?? 0, stands, Number(reband.margin)))
              stands = before?.value ?? 0
          expect(now.held.get('fine')).toEqual(rangeOf(rate(stands), 'fine'))
          before = now
        }
      }),
      { numRuns: 60 },
    )
  })

  test('one that stays within the margin never moves', () => {
    const near = fc.array(fc.constantFrom(95, 100, 104, 96, 299, 101), {
      minLength: 1,
      maxLength: 20,
    })
    fc.assert(
      fc.property(near, (values) => {
        const steps = [150, ...values].map((value) => ({ value, hours: 30, paused: [] }))
        const seen = play({ every: 'day', margin: '5' }, steps, { a: 99, b: 99, c: 99 }, ['fine'])
        for (const { held } of seen) expect(held.get('fine')).toEqual({ from: 100, to: 300 })
      }),
      { numRuns: 50 },
    )
  })
})

describe('a look at what stands', () => {
  const monthly: Reband = { every: 'month', margin: '5' }
  const policy = policyOf(monthly)
  const none: Watch = { leftMs: null, openFor: null }
  const look = (standing: Json, present: Json, atMs: number, watch = none, live = true) =>
    lookAgain(watch, { standing, present, atMs, type: 'rate', policy, live })
  const november = Date.UTC(2026, 10, 1)
  const isOpen = (watch: Watch, present: Json, atMs = november) =>
    isOpenFor(watch, { present, atMs, type: 'rate', policy })

  test.each<[what: string, standing: Json, present: Json, left: boolean]>([
    ['the same value', rate(25), rate(25), false],
    ['the upper edge', rate(25), rate(30), false],
    ['within the margin', rate(25), rate('31.4999999'), false],
    ['at the margin', rate(25), rate('31.5'), true],
    ['below, within the margin', rate(35), rate('28.5'), false],
    ['below the margin', rate(35), rate('28.4999999'), true],
    ['the top band, however high', rate(2000), rate(999_999), false],
    ['another unit', rate(25), rate(25, 'box'), true],
    ['another period', rate(25), { number: '25', unit: 'each', per: 'month' }, true],
    ['a member more', rate(25), { number: '25', unit: 'each', per: 'year', lot: '1' }, true],
    ['a bound', rate(25), rate('>25'), true],
    ['nothing that fits, and what stood fitted none', rate('>5'), rate('>25'), false],
  ])('takes %s for what it is', (_, standing, present, left) => {
    expect(look(standing, present, october).leftMs).toBe(left ? october : null)
  })

  test('opens at the first of the next month, for the value that is there then', () => {
    const left = look(rate(25), rate(50), october)
    expect(left).toEqual({ leftMs: october, openFor: null })
    expect(dueOf(left, 'rate', policy)).toBe(november)
    expect(look(rate(25), rate(500), november - 1, left)).toEqual(left)
    const opened = look(rate(25), rate(500), november, left)
    expect(isOpen(opened, rate(500))).toBe(true)
    expect(isOpen(opened, rate(50))).toBe(false)
    expect(dueOf(opened, 'rate', policy)).toBeNull()
    // The clock was set back: nothing goes ahead of its time.
    expect(isOpen(opened, rate(500), november - 1)).toBe(false)
    expect(look(rate(25), rate(500), november - 1, opened).openFor).toBeNull()
  })

  test('closes again when the value is edited before it went; an officer who runs a plan waits for nothing', () => {
    const opened = look(rate(25), rate(50), november, { leftMs: october, openFor: null })
    const later = november + DAY
    expect(look(rate(25), rate(500), later, opened)).toEqual({ leftMs: later, openFor: null })
    expect(isOpen(look(rate(25), rate(500), later, opened, false), rate(500))).toBe(true)
    expect(look(rate(25), rate(26), later, opened)).toEqual(none)
  })

  test('takes the same number in another unit, kept beside it, for another value', () => {
    const policy = policyWith({
      bands: { ...plain, count: { levels: plain.rate?.levels ?? [], reband: monthly } },
    })
    const counted = { standing: '25', present: '25', type: 'count', policy, live: true } as const
    const in_ = (present: string) => ({ ...counted, units: { standing: 'pieces', present } })
    const opened = { leftMs: october, openFor: null }
    expect(lookAgain(none, { ...in_('pieces'), atMs: october })).toEqual(none)
    expect(lookAgain(none, { ...in_('crates'), atMs: october })).toEqual(opened)
    const open = lookAgain(opened, { ...in_('crates'), atMs: november })
    expect(isOpenFor(open, { ...in_('crates'), atMs: november })).toBe(true)
    expect(isOpenFor(open, { ...in_('pallets'), atMs: november })).toBe(false)
  })

  test('moves all quantities of one value together', () => {
    const times = (admin: number, production: number) =>
      ({ admin: String(admin), production: String(production), unit: 'months' }) satisfies Json
    const at = { atMs: october, type: 'months', policy, live: true } as const
    const stays = { standing: times(3, 7), present: times(4, 11), ...at }
    expect(lookAgain(none, stays).leftMs).toBeNull()
    expect(lookAgain(none, { ...stays, present: times(4, 13) }).leftMs).toBe(october)
    const total = { total: '10', unit: 'months' }
    expect(lookAgain(none, { ...stays, present: total }).leftMs).toBe(october)
  })
})

describe('a fragment in bands that stand', () => {
  const row = (nation: string, level: 'fine' | 'coarse'): Row => ({
    id: `bands-${nation.toLowerCase()}`,
    effect: 'transform',
    reasonCode: 'BANDS',
    authority: 'AUKUS exercise 1',
    match: { recipient: { in: [nation as 'GBR'] }, field: { in: ['rate_max', 'lead_time'] } },
    transform: { kind: 'band', level },
  })
  const rules = [allFive, row('GBR', 'fine'), row('AUS', 'coarse')]
  const bands = scheduled({ every: 'month', margin: '5' })
  const policy = policyWith({ rules, bands })
  const secrets = { recordKey: new Uint8Array(32).fill(7) }
  const saying = (number: number, label: Partial<Label> = {}, asOf = '2026-02-01'): DataRecord => {
    const made = labelled('rate_max', { ...open, ...label })
    const field = made.fields['rate_max']
    if (field === undefined) throw new TypeError('a field is missing')
    return {
      ...made,
      envelope: { ...made.envelope, asOf },
      fields: { ...made.fields, rate_max: { ...field, value: rate(number) } },
    }
  }
  const standing = (record: DataRecord): StandingBands => ({
    rate_max: { record, atMs: october - DAY },
  })
  const compose = (
    record: DataRecord,
    recipient: string,
    standings: StandingBands = {},
    by = policy,
  ) =>
    composeFragment(
      { record, recipient, sender: 'USA', purpose: 'use', atMs: october },
      createDecider(by),
      secrets,
      undefined,
      standings,
    )
  const rateIn = (made: ReturnType<typeof compose>) =>
    made.fragment?.disclosures.find(([, field]) => field === 'rate_max')?.[2]

  test('is of the older value for all, at every level; exact values are of today', () => {
    const stands = standing(saying(20))
    const now = saying(500)
    expect(rateIn(compose(now, 'GBR', stands))).toMatchObject({ number: { from: '10', to: '30' } })
    expect(rateIn(compose(now, 'AUS', stands))).toMatchObject({ number: { from: '0', to: '30' } })
    expect(rateIn(compose(now, 'GBR'))).toMatchObject({ number: { from: '300', to: '1000' } })
    const exact = policyWith({ rules: [allFive], bands })
    expect(rateIn(compose(now, 'GBR', stands, exact))).toEqual(rate(500))
    expect(compose(now, 'GBR', stands).bands).toEqual({
      rate_max: stands['rate_max'],
      lead_time: null,
    })
    expect(compose(now, 'GBR', stands)).toEqual(compose(now, 'GBR', stands))
  })

  test('is of today where the policy has no schedule, whatever stands', () => {
    const none = policyWith({ rules })
    const now = saying(500)
    const made = compose(now, 'GBR', standing(saying(20)), none)
    expect(made).toEqual(compose(now, 'GBR', {}, none))
    expect(made.bands).toEqual({})
  })

  test.each<[what: string, before: DataRecord, now: DataRecord, goes: boolean]>([
    ['both labels let it go', saying(20), saying(500), true],
    [
      'its own label did not name the nation',
      saying(20, { releasableTo: ['AUS'] }),
      saying(500),
      false,
    ],
    [
      'its own label was above the ceiling',
      saying(20, { classification: 'TOP SECRET' }),
      saying(500),
      false,
    ],
    ['the present label does not', saying(20), saying(500, { releasableTo: ['AUS'] }), false],
  ])('goes where %s', (_, before, now, goes) => {
    const made = compose(now, 'GBR', standing(before))
    expect(made.fields.includes('rate_max')).toBe(goes)
    // Whoever may have both has the same band as before.
    expect(rateIn(compose(now, 'AUS', standing(before)))).toEqual(
      before.fields['rate_max']?.label.classification === 'TOP SECRET'
        ? undefined
        : expect.anything(),
    )
  })

  test('does not bring a later member what is older than its membership', () => {
    const founders = ['AUS', 'USA'].map((nation) => ({ nation, from: '2021-01-01' }))
    const groups = {
      ...documentWith().groups,
      PARTNERS: [...founders, { nation: 'GBR', from: '2026-03-01' }],
    }
    const by = policyWith({ rules, bands, groups })
    const now = saying(500, {}, '2026-09-01')
    expect(rateIn(compose(now, 'GBR', {}, by))).toBeDefined()
    expect(rateIn(compose(now, 'GBR', standing(saying(20, {}, '2026-09-01')), by))).toBeDefined()
    expect(rateIn(compose(now, 'GBR', standing(saying(20, {}, '2026-02-01')), by))).toBeUndefined()
  })

  test('is for the roles that both versions are for, and goes to nobody where they have none in common', () => {
    const caveats = { subsetOf: ['COMMERCIAL' as const] }
    const confiding = rules.map((each): Row => ({ ...each, match: { ...each.match, caveats } }))
    const on = beside(
      policyWith({ rules: confiding, bands }),
      consentWith({ roles: ['contracting', 'engineering'], expires: '2027-01-01' }),
      consentWith({ id: 'bolt-1', supplier: 'bolt', roles: ['engineering', 'logistics'] }),
    )
    const of = (number: number, supplier: string | null) =>
      supplier === null
        ? saying(number)
        : suppliedBy(saying(number, { caveats: ['COMMERCIAL'] }), supplier)
    const rolesOf = (before: string | null, now: string | null) => {
      const made = compose(of(500, now), 'GBR', standing(of(20, before)), on)
      return made.fields.includes('rate_max') ? (made.roles['rate_max'] ?? null) : 'nothing'
    }
    expect(rolesOf(null, null)).toBeNull()
    expect(rolesOf('Acme', null)).toEqual(['contracting', 'engineering'])
    expect(rolesOf(null, 'Acme')).toEqual(['contracting', 'engineering'])
    expect(rolesOf('Acme', 'Bolt')).toEqual(['engineering'])
    const deny = { effect: 'deny', authority: null, roles: null, transform: null }
    const [acme, core] = ['contracting', 'logistics'].map(
      (role): Decision => ({
        ...createDecider(policy).decide({ ...permitted, record: saying(20) }),
        roles: [role as Role],
      }),
    )
    if (acme === undefined || core === undefined) throw new TypeError('a decision is missing')
    expect(stricter(acme, core)).toMatchObject(deny)
    expect(stricter(acme, { ...core, effect: 'deny', roles: null })).toMatchObject(deny)
    expect(stricter(acme, { ...core, effect: 'approve', roles: null }).roles).toBeNull()
  })

  test('is gone with the value, and says nothing of a version that no band fits', () => {
    const { rate_max: _, ...fields } = saying(20).fields
    const stands = standing(saying(20))
    expect(compose({ ...saying(20), fields }, 'GBR', stands).fields).not.toContain('rate_max')
    const bound = saying(20)
    const unfit = {
      ...bound,
      fields: { ...bound.fields, rate_max: { ...bound.fields['rate_max'], value: rate('>20') } },
    } as DataRecord
    expect(compose(saying(20), 'GBR', standing(unfit)).fields).not.toContain('rate_max')
  })

  test('does not go beside another unit than its own, to anybody, and is explained', () => {
    const short = (quantity_short: string, unit: string): DataRecord => ({
      ...saying(20),
      kind: 'gap',
      fields: Object.fromEntries(
        Object.entries({ title: 'Gap', quantity_short, unit }).map(([field, value]) => [
          field,
          { value, label: open },
        ]),
      ),
    })
    const inBands = (nation: string, level: 'fine' | 'coarse') => ({
      ...row(nation, level),
      match: { recipient: { in: [nation as 'GBR'] }, field: { in: ['quantity_short'] } },
    })
    const count = { levels: plain.rate?.levels ?? [], reband: { every: 'month', margin: '5' } }
    const by = policyWith({
      rules: [allFive, inBands('GBR', 'fine'), inBands('AUS', 'coarse')],
      bands: { ...bands, count: count as NonNullable<typeof bands.rate> },
    })
    const stands = { quantity_short: { record: short('500', 'pieces'), atMs: october - DAY } }
    const told = (now: DataRecord, recipient: string) =>
      compose(now, recipient, stands, by).fragment?.disclosures.map(([, ...said]) => said)
    const unit = (value: string) => [
      ['title', 'Gap'],
      ['unit', value],
    ]
    const asIs = [['quantity_short', { from: '300', to: '1000' }], ...unit('pieces')]
    expect(told(short('5', 'pieces'), 'GBR')).toEqual(asIs)
    const now = short('5', 'crates of 100')
    expect(told(now, 'GBR')).toEqual(unit('crates of 100'))
    expect(told(now, 'AUS')).toEqual(unit('crates of 100'))
    const asked = { record: now, recipient: 'GBR', atMs: october, field: 'quantity_short' }
    const made = compose(now, 'GBR', stands, by)
    expect(explainStanding(explain(asked, by), now, made, by).fields[0]?.words).toMatch(
      'not sent until the band is made anew, on the first day of each month: the band that stands is in another unit',
    )
  })

  test('is explained: of which day its value is, and why it does not go', () => {
    const told = (now: DataRecord, recipient: 'GBR' | 'AUS', standings: StandingBands = {}) => {
      const asked = { record: now, recipient, atMs: october, field: 'rate_max' }
      const made = compose(now, recipient, standings)
      const [entry] = explainStanding(explain(asked, policy), now, made, policy).fields
      return [entry?.effect, entry?.level, entry?.words]
    }
    const anew = 'and is made anew on the first day of each month (UTC) where the value has left it'
    const row = expect.stringMatching(/^in fine bands by /)
    expect(told(saying(500), 'GBR')).toEqual(['transform', 'fine', row])
    expect(told(saying(500), 'GBR')[2]).toMatch(`; the band is of the present value, ${anew}`)
    expect(told(saying(500), 'GBR', standing(saying(20)))[2]).toMatch(
      `; the band is of the value as it stood on 2026-09-30, whatever it is now, ${anew}`,
    )
    const unfit = told(
      {
        ...saying(500),
        fields: { ...saying(500).fields, rate_max: { value: rate('>500'), label: open } },
      },
      'GBR',
      standing(saying(20)),
    )
    expect(unfit[1]).toBe('fine')
    expect(unfit[2]).not.toContain('not sent')
    const [effect, level, words] = told(
      saying(500),
      'GBR',
      standing(saying(20, { releasableTo: ['AUS'] })),
    )
    expect([effect, level]).toEqual(['deny', 'redact'])
    expect(words).toMatch(
      'not sent until the band is made anew, on the first day of each month: the band that stands is of a value that may not go; else in fine bands',
    )
  })

  test('that waits for an officer waits with the value that stands', () => {
    const asking: Row = {
      id: 'by-officer',
      effect: 'approve',
      match: { field: { in: ['rate_max'] } },
      reasonCode: 'RATE',
    }
    const by = policyWith({ rules: [...rules, asking], bands })
    const subjectOf = (now: number) =>
      compose(saying(now), 'GBR', standing(saying(20)), by).pending.map(
        ({ subject, disclosure }) => [subject, disclosure[2]],
      )
    expect(subjectOf(500)).toHaveLength(1)
    expect(subjectOf(500)).toEqual(subjectOf(900))
    expect(subjectOf(500)[0]?.[1]).toMatchObject({ number: { from: '10', to: '30' } })
  })
})
