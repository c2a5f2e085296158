import type { Label, Nation, RetransferConsent, SealedConsent, TermsOf } from '@entente/schema'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checkPolicy } from '../src/check.ts'
import { compilePolicy } from '../src/compile.ts'
import { type Decision, decide, levelOf } from '../src/decide.ts'
import { createDecider } from '../src/decider.ts'
import { diffPolicies } from '../src/diff.ts'
import type { PolicyDocument } from '../src/document.ts'
import { explain } from '../src/explain.ts'
import { levels } from '../src/levels.ts'
import { runTests } from '../src/policy-tests.ts'
import type { Question } from '../src/question.ts'
import { withConsents } from '../src/retransfer/consents.ts'
import { anyPolicy, anyQuestion } from './any-row.ts'
import { assertOften } from './enough.ts'
import { documentWith, open, permitted, policyWith, record } from './fixtures.ts'
import { type Came, cameFrom, foreignId, headOf, sealed } from './foreign.ts'

const everybody: PolicyDocument['rules'] = [
  {
    id: 'all',
    effect: 'permit',
    match: { recipient: { in: ['AUS', 'GBR', 'NOR'] } },
    reasonCode: 'ALL',
    authority: 'Exercise',
  },
]
const policy = policyWith({ rules: everybody })
const october = permitted.atMs

/** A question about a value that came from others, under the policy beside consents. */
function ask(
  came: Came,
  recipient: Nation,
  consents: readonly SealedConsent[] = [],
  label: Partial<Label> = {},
  change: Partial<Question> = {},
): Decision {
  const fields = { rate_max: { value: '25', label: { ...open, ...label } } }
  const mine = cameFrom({ ...record, fields }, came)
  const question = { ...permitted, record: mine, field: 'rate_max', recipient, ...change }
  const beside = withConsents(policy, consents)
  const decision = decide(question, beside)
  const { record: of, field, ...asked } = question
  expect(createDecider(beside).openRecord(of)(asked)(field)).toEqual(decision)
  return decision
}

const aus: Came = { from: ['AUS'], onward: 'ask', value: 'same', terms: true }

describe('every combination of origins, recipient, terms, consent and change', () => {
  const onwards: readonly TermsOf['onward_release'][] = ['free', 'same-group', 'ask', 'none']
  const consents: Record<string, readonly SealedConsent[]> = {
    none: [],
    'as it is': [sealed({})],
    coarse: [sealed({ transform: 'coarse' })],
    'derived too': [sealed({ derived: true })],
    'of both': [sealed({ derived: true }), sealed({ nation: 'GBR', derived: true })],
  }
  const origins: readonly (readonly Nation[])[] = [[], ['AUS'], ['GBR'], ['AUS', 'GBR']]
  const cases = origins.flatMap((from) =>
    (['AUS', 'GBR', 'NOR'] as const).flatMap((recipient) =>
      onwards.flatMap((onward) =>
        Object.keys(consents).flatMap((consent) =>
          (['same', 'other', 'unknown'] as const).flatMap((value) =>
            [true, false].map((terms) => ({ from, recipient, onward, consent, value, terms })),
          ),
        ),
      ),
    ),
  )

  /** The words of the specification, one after the other. */
  function expected({ from, recipient, onward, consent, value, terms }: (typeof cases)[number]) {
    const others = from.filter((origin) => origin !== recipient)
    if (others.length === 0) return 'exact'
    if (onward === 'none') return 'nothing'
    if (onward === 'free') return 'exact'
    // Who combines two makes something else of both.
    const isSame = value === 'same' && terms && from.length === 1
    const levelFrom = (origin: Nation) => {
      if (consent === 'none') return 'nothing'
      if (consent === 'of both') return 'exact'
      // Only AUS has consented, to GBR and NOR.
      if (origin !== 'AUS' || recipient === 'AUS') return 'nothing'
      if (consent === 'derived too') return 'exact'
      if (!isSame) return 'nothing'
      return consent === 'coarse' ? 'coarse' : 'exact'
    }
    const given = others.map(levelFrom)
    if (consent === 'of both' && recipient === 'AUS') return 'nothing'
    return given.includes('nothing') ? 'nothing' : given.includes('coarse') ? 'coarse' : 'exact'
  }

  test(`comes out as the specification says, ${cases.length} of them`, () => {
    for (const one of cases) {
      const { recipient, consent, from, ...came } = one
      const decision = ask({ ...came, from }, recipient, consents[consent])
      const level = levelOf(decision)
      expect({ ...one, level: level === 'redact' ? 'nothing' : level }).toEqual({
        ...one,
        level: expected(one),
      })
      if (level === 'redact') expect(decision.because).toEqual(['retransfer needs consent'])
    }
    expect(new Set(cases.map(expected))).toEqual(new Set(['exact', 'coarse', 'nothing']))
  })
})

describe('what a consent does not cover does not go', () => {
  const until = sealed({}).consent.until
  test.each<[fact: string, consent: Partial<RetransferConsent>, change?: Partial<Question>]>([
    ['record', { record: foreignId('AUS', 2) }],
    ['fragment', { head: headOf('AUS', 2) }],
    ['field', { fields: ['title'] }],
    ['recipient', { recipients: ['GBR'] }],
    ['purpose', { purpose: 'display' }],
    ['holder', { holder: 'GBR' }],
    ['originator', { nation: 'CAN', record: foreignId('AUS'), head: headOf('AUS') }],
    ['time', {}, { atMs: until }],
  ])('another %s', (_, consent, change = {}) => {
    expect(ask(aus, 'NOR', [sealed({})]).effect).toBe('permit')
    expect(ask(aus, 'NOR', [sealed(consent)], {}, change)).toMatchObject({
      effect: 'deny',
      because: ['retransfer needs consent'],
    })
  })

  test('it ends of itself, at its minute', () => {
    expect(ask(aus, 'NOR', [sealed({})])).toMatchObject({ effect: 'permit', validUntil: until })
    const later = sealed({ until: until + 1 })
    expect(ask(aus, 'NOR', [sealed({}), later]).validUntil).toBe(until + 1)
  })

  test('our own label and rows decide all the same', () => {
    const consent = [sealed({})]
    const because = (label: Partial<Label>) => ask(aus, 'NOR', consent, label).because
    expect(because({ releasableTo: ['GBR'] })).toEqual(['recipient is not named in REL TO'])
    expect(because({ caveats: ['NOFORN'] })).toEqual(['NOFORN: recipient is foreign'])
    expect(because({ caveats: ['ORCON'] })).toEqual(['ALL'])
    expect(ask(aus, 'NOR', [], { caveats: ['ORCON'] }).because).toEqual([
      'ORCON: sender is not the originator',
      'retransfer needs consent',
    ])
    // Terms that are free do not say by name what ORCON asks for.
    const free = { ...aus, onward: 'free' } as const
    expect(ask(free, 'NOR', [], { caveats: ['ORCON'] }).effect).toBe('deny')
    expect(ask(free, 'NOR', [sealed({})], { caveats: ['ORCON'] }).effect).toBe('permit')
    expect(
      levelOf(ask(free, 'NOR', [sealed({ transform: 'coarse' })], { caveats: ['ORCON'] })),
    ).toBe('coarse')
  })

  test('what is under its originator’s control is asked for, whatever the terms', () => {
    const free = { ...aus, onward: 'free', control: true } as const
    expect(ask({ ...free, control: false }, 'NOR').effect).toBe('permit')
    expect(ask(free, 'NOR')).toMatchObject({
      effect: 'deny',
      because: ['retransfer needs consent'],
    })
    expect(ask({ ...free, terms: false }, 'NOR').effect).toBe('deny')
    expect(ask(free, 'NOR', [sealed({})]).effect).toBe('permit')
    expect(ask({ ...free, onward: 'none' }, 'NOR', [sealed({})]).effect).toBe('deny')
    expect(ask(free, 'AUS').effect).toBe('permit')
    // Of what is our own, we are the originator.
    expect(ask({ ...free, from: [] }, 'NOR').effect).toBe('permit')
    // One decider tells the two apart.
    const fields = { rate_max: { value: '25', label: open } }
    const by = createDecider(policy)
    const effects = [false, true].map((control) => {
      const mine = cameFrom({ ...record, fields }, { ...free, control })
      return by.openRecord(mine)({ ...permitted, recipient: 'NOR' })('rate_max').effect
    })
    expect(effects).toEqual(['permit', 'deny'])
  })

  test('a consent to a coarser value coarsens what rows release, and releases nothing itself', () => {
    const coarse = [sealed({ transform: 'coarse' })]
    expect(ask(aus, 'NOR', coarse)).toMatchObject({
      effect: 'transform',
      transform: { kind: 'band', level: 'coarse' },
      because: ['originator consents to a coarser value only'],
      authority: 'Exercise',
    })
    expect(ask(aus, 'NOR', [...coarse, sealed({ transform: 'fine' })]).transform).toMatchObject({
      level: 'fine',
    })
    const silent = withConsents(policyWith({ rules: [] }), coarse)
    const fields = { rate_max: { value: '25', label: open } }
    const mine = cameFrom({ ...record, fields }, aus)
    expect(decide({ ...permitted, record: mine, recipient: 'NOR' }, silent)).toMatchObject({
      effect: 'deny',
      because: ['no rule permits it'],
    })
  })
})

describe('a consent over one record says nothing of another of the same nation', () => {
  const [first, second] = [foreignId('AUS', 1), foreignId('AUS', 2)]
  const on = (number: number, consent: Partial<RetransferConsent> = {}) =>
    sealed({ record: foreignId('AUS', number), head: headOf('AUS', number), ...consent })
  const derived = { derived: true }
  /** A value that came in the second record, in one that was derived from these. */
  const levelOfIt = (
    from: readonly string[],
    value: Came['value'],
    consents: readonly SealedConsent[],
  ) => {
    const fields = { rate_max: { value: '25', label: open } }
    const came = cameFrom({ ...record, fields }, { ...aus, value, number: 2 })
    const derivedFrom = from.map((each) => ({ record: each, originator: 'AUS' as const }))
    const mine = { ...came, envelope: { ...came.envelope, derivedFrom } }
    const beside = withConsents(policy, consents)
    return levelOf(decide({ ...permitted, record: mine, recipient: 'NOR' }, beside))
  }
  const both = [first, second]
  test.each<
    [
      what: string,
      from: readonly string[],
      value: Came['value'],
      consents: readonly SealedConsent[],
      level: string,
    ]
  >([
    ['in which it did not come', both, 'same', [on(1, derived)], 'redact'],
    ['nor where nobody knows in which', both, 'unknown', [on(1, derived)], 'redact'],
    ['nor in the other one', both, 'unknown', [on(2, derived)], 'redact'],
    ['nor the one it came in for all of ours', both, 'same', [on(2, derived)], 'redact'],
    ['nor both, the other as it came', both, 'same', [on(1), on(2)], 'redact'],
    ['both go', both, 'same', [on(1, derived), on(2)], 'exact'],
    ['both go, changed', both, 'other', [on(1, derived), on(2, derived)], 'exact'],
    ['both go, combined', both, 'unknown', [on(1, derived), on(2, derived)], 'exact'],
    [
      'both go in the coarser form',
      both,
      'unknown',
      [on(1, { ...derived, transform: 'coarse' }), on(2, { ...derived, transform: 'fine' })],
      'coarse',
    ],
    ['the only one goes', [second], 'same', [on(2)], 'exact'],
    ['ours does not name what it came in', [first], 'same', [on(1, derived)], 'redact'],
  ])('%s', (_, from, value, consents, level) => {
    expect(levelOfIt(from, value, consents)).toBe(level)
  })
})

describe('unchanged content goes home', () => {
  const closed: Partial<Label> = {
    classification: 'TOP SECRET',
    releasableTo: [],
    caveats: ['NOFORN', 'ONLY', 'ORCON'],
  }
  test('whatever our label keeps from others', () => {
    expect(ask(aus, 'AUS', [], closed).effect).toBe('permit')
    expect(ask({ ...aus, onward: 'none' }, 'AUS', [], closed).effect).toBe('permit')
  })
  test.each<[fact: string, came: Came, recipient: Nation]>([
    ['changed', { ...aus, value: 'other' }, 'AUS'],
    ['not known to be what came', { ...aus, value: 'unknown' }, 'AUS'],
    ['added', { ...aus, terms: false }, 'AUS'],
    ['of two nations', { ...aus, from: ['AUS', 'GBR'], onward: 'free' }, 'AUS'],
    ['of another nation', aus, 'GBR'],
  ])('but by our own label where it is %s', (_, came, recipient) => {
    const { effect, because } = ask(came, recipient, [], closed)
    expect(effect).toBe('deny')
    expect(because).toContain('recipient is not named in REL TO')
    if (recipient === 'AUS') expect(ask(came, 'AUS').effect).toBe('permit')
  })
  test('only where a row says so, and no row denies; a draft, another dataset and an ended policy stay', () => {
    const fields = { rate_max: { value: '25', label: { ...open, ...closed } } }
    const mine = cameFrom({ ...record, fields }, aus)
    const question = { ...permitted, record: mine, recipient: 'AUS' as const }
    const withRules = (rules: unknown[]) =>
      decide(question, compilePolicy({ ...documentWith(), rules: rules as typeof everybody }))
    expect(withRules([]).because).toEqual(['no rule permits it'])
    const deny = {
      id: 'not-home',
      effect: 'deny',
      match: { origins: { intersects: ['AUS'] }, recipient: { in: ['AUS'] } },
      reasonCode: 'NOT-TOLD',
    }
    expect(withRules([...everybody, deny]).because).toEqual(['NOT-TOLD'])
    const draft = { ...mine, envelope: { ...mine.envelope, status: 'draft' as const } }
    expect(decide({ ...question, record: draft }, policy).because).toEqual(['record is not active'])
    expect(decide({ ...question, atMs: policy.untilMs }, policy).because).toEqual([
      'policy is not in force',
    ])
  })
})

describe('rows read where a field came from', () => {
  const rules = [
    ...everybody,
    {
      id: 'aus-not-to-nor',
      effect: 'deny',
      match: { origins: { intersects: ['AUS'] }, recipient: { in: ['NOR'] } },
      reasonCode: 'AUS-NOT-TO-NOR',
    },
  ]
  const written = { ...documentWith(), rules: rules as typeof everybody }
  const expectation = (change: object, recipient: string, expect: string) => ({
    record: { kind: 'capability', dataset: 'production', label: open, ...change },
    field: 'rate_max',
    recipient,
    expect,
  })
  test('in the tests of a policy, with terms and change', () => {
    const closed = { label: { ...open, releasableTo: [] } }
    const tests = [
      expectation({}, 'NOR', 'permit'),
      expectation({ origins: ['AUS'], onward: 'free' }, 'NOR', 'deny'),
      expectation({ origins: ['AUS'], onward: 'free' }, 'GBR', 'permit'),
      expectation({ origins: ['AUS'] }, 'GBR', 'deny'),
      expectation({ origins: ['AUS'], unchanged: true, ...closed }, 'AUS', 'permit'),
      expectation({ origins: ['AUS'], ...closed }, 'AUS', 'deny'),
    ] as PolicyDocument['tests']
    expect(runTests({ ...written, tests }).map(({ passed }) => passed)).not.toContain(false)
    expect(checkPolicy({ ...written, tests })).toEqual([])
  })
  test('with operators by which a further origin gains nothing', () => {
    const [deny] = rules.slice(1)
    const refused = (match: object, row: object = everybody[0] as object) =>
      checkPolicy({ ...written, rules: [{ ...row, match }] }).map(({ code }) => code)
    const recipient = { in: ['NOR'] }
    expect(refused({ recipient, origins: { subsetOf: ['AUS'] } })).toEqual([])
    expect(refused({ recipient, origins: { intersects: ['AUS'] } })).toEqual(['OPERATOR'])
    expect(refused({ recipient, origins: { subsetOf: ['AUS'] } }, deny)).toEqual(['OPERATOR'])
    expect(refused({ recipient, origins: { intersects: ['XYZ'] } }, deny)).toEqual(['FORM'])
  })
})

test('a comparison of two policies shows what a row about origins moves', () => {
  const before = compilePolicy(documentWith({ rules: everybody }))
  const deny = {
    id: 'aus-not-to-nor',
    effect: 'deny',
    match: { origins: { intersects: ['AUS'] }, recipient: { in: ['NOR'] } },
    reasonCode: 'AUS-NOT-TO-NOR',
  }
  const rules = [...everybody, deny] as typeof everybody
  const after = compilePolicy(documentWith({ rules, edition: 2 }))
  const moments = [{ beforeMs: october, afterMs: october }]
  const { boundary } = diffPolicies({
    before,
    after,
    nation: 'USA',
    records: [],
    at: moments[0] ?? null,
    moments,
  })
  expect(boundary.gains).toBe(0)
  expect(boundary.losses).toBeGreaterThan(0)
  for (const { nations, origins } of boundary.changes)
    expect({ nations, origins }).toEqual({ nations: ['NOR'], origins: ['AUS'] })
})

test('a comparison of two policies shows what comes to wait, of a record that a consent names', () => {
  const onRate = (effect: 'deny' | 'approve') => [
    ...everybody,
    { id: 'rate', effect, match: { field: { in: ['rate_max'] } }, reasonCode: 'RATE' } as const,
  ]
  const given = [sealed({})]
  const { title, rate_max } = record.fields
  if (title === undefined || rate_max === undefined) throw new TypeError('a field is missing')
  const held = cameFrom({ ...record, fields: { title, rate_max } }, aus)
  const under = (effect: 'deny' | 'approve', edition: number) =>
    withConsents(policyWith({ rules: onRate(effect), edition }), given)
  const at = { beforeMs: october, afterMs: october }
  const diff = diffPolicies({
    before: under('deny', 1),
    after: under('approve', 2),
    nation: 'USA',
    records: [held],
    at,
    moments: [at],
  })
  const changed = diff.held.changes.map(({ nation, field, before, after }) => [
    nation,
    field,
    before,
    after,
  ])
  expect(changed.sort()).toEqual(
    ['AUS', 'GBR', 'NOR'].map((each) => [each, 'rate_max', 'nothing', 'approve exact']),
  )
  expect(diff.held.questions).toBeGreaterThan(0)
})

test('why names each originator that stands in the way, and what to ask it', () => {
  const wordsOf = (came: Came, consents: readonly SealedConsent[] = []) => {
    const fields = { rate_max: { value: '25', label: open } }
    const mine = cameFrom({ ...record, fields }, came)
    const beside = withConsents(policy, consents)
    const [field] = explain({ record: mine, recipient: 'NOR', atMs: october }, beside).fields
    return `${field?.words}. ${field?.change}.`
  }
  expect(wordsOf(aus)).toBe(
    'denied: retransfer needs consent; it is of AUS, which has not consented that NOR gets it. ask AUS to release it to NOR, or to seal a consent for rate_max.',
  )
  expect(wordsOf({ ...aus, value: 'other' })).toContain('that is also for what was derived')
  expect(wordsOf({ ...aus, onward: 'none' }, [sealed({})])).toContain(
    'whose terms let nobody pass it on, whatever is consented to',
  )
  const both = wordsOf({ ...aus, from: ['AUS', 'GBR'] }, [sealed({ derived: true })])
  expect(both).toContain('it is of GBR')
  expect(both).not.toContain('it is of AUS')
})

describe('nobody gains', () => {
  const withheld = (q: Question, consents: readonly SealedConsent[], p = policy) =>
    levels.indexOf(levelOf(decide(q, withConsents(p, consents))))
  const consent = fc
    .record({
      nation: fc.constantFrom('AUS', 'GBR'),
      transform: fc.constantFrom(null, 'fine' as const, 'coarse' as const),
      derived: fc.boolean(),
      until: fc.constantFrom(october, october + 1, october + 2),
    })
    .map(sealed)
  const came: fc.Arbitrary<Came> = fc.record({
    from: fc.subarray(['AUS', 'GBR']),
    onward: fc.constantFrom('free', 'same-group', 'ask', 'none'),
    value: fc.constantFrom('same', 'same', 'other', 'unknown'),
    terms: fc.boolean(),
    control: fc.boolean(),
  })
  const label = fc.record({
    releasableTo: fc.constantFrom([], ['PARTNERS'], ['PARTNERS']),
    caveats: fc.constantFrom([], [], ['NOFORN' as const], ['ORCON' as const]),
  })
  const asked = fc.record({
    came,
    label,
    recipient: fc.constantFrom('AUS', 'GBR', 'NOR'),
    consents: fc.array(consent, { maxLength: 3 }),
  })
  type Asked = typeof asked extends fc.Arbitrary<infer T> ? T : never
  const questionOf = ({ came: how, label: change, recipient }: Asked): Question => {
    const fields = { rate_max: { value: '25', label: { ...open, ...change } } }
    return { ...permitted, record: cameFrom({ ...record, fields }, how), recipient }
  }
  const never = (worse: (one: Asked) => readonly Asked[]) => {
    let released = 0
    assertOften(
      fc.property(asked, (one) => {
        const before = withheld(questionOf(one), one.consents)
        if (before < levels.length - 1) released++
        for (const other of worse(one))
          expect(withheld(questionOf(other), other.consents)).toBeGreaterThanOrEqual(before)
      }),
      { met: () => released, few: 10, numRuns: 120 },
    )
  }

  test('by a consent less', () =>
    never((one) =>
      one.consents.map((gone) => ({
        ...one,
        consents: one.consents.filter((each) => each !== gone),
      })),
    ))
  test('by stricter terms', () =>
    never((one) => {
      const onwards = ['free', 'same-group', 'ask', 'none'] as const
      return onwards
        .slice(onwards.indexOf(one.came.onward))
        .map((onward) => ({ ...one, came: { ...one.came, onward } }))
    }))
  test('by the control of the originator', () =>
    never((one) => [{ ...one, came: { ...one.came, control: true } }]))
  test('by a further origin', () =>
    never((one) =>
      ['AUS', 'GBR'].flatMap((more) =>
        one.came.from.includes(more) || (one.came.from.length === 0 && one.recipient === more)
          ? []
          : [{ ...one, came: { ...one.came, from: [...one.came.from, more].sort() } }],
      ),
    ))
  test('by a change of the value', () =>
    never((one) =>
      (['other', 'unknown'] as const).map((value) => ({ ...one, came: { ...one.came, value } })),
    ))

  test('under any rows: changed content goes to nobody by virtue of where it came from', () => {
    fc.assert(
      fc.property(anyPolicy, anyQuestion, fc.constantFrom('AUS', 'GBR'), (p, q, from) => {
        const how = { from: [from], onward: 'none', terms: true } as const
        const closed = Object.fromEntries(
          Object.entries(q.record.fields).map(([name, field]) => [
            name,
            { ...field, label: { ...field.label, releasableTo: [] } },
          ]),
        )
        const mine = cameFrom(
          { ...q.record, originator: 'USA', fields: closed },
          {
            ...how,
            value: 'other',
          },
        )
        expect(levelOf(decide({ ...q, record: mine }, p))).toBe('redact')
      }),
      { numRuns: 30 },
    )
  })
})
