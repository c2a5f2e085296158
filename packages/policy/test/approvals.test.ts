import {
  type ApprovalSubject,
  type Classification,
  classifications,
  type DataRecord,
  digestDisclosure,
  type FieldApproval,
  type Json,
  type Label,
  type SealedConsent,
  saltOf,
} from '@entente/schema'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type Awaited,
  approvalsNeeded,
  approvalsOf,
  isApproved,
  isRefused,
  type OfficerWord,
} from '../src/approvals.ts'
import { checkPolicy } from '../src/check.ts'
import { composeFragment, type Said } from '../src/compose.ts'
import { createDecider } from '../src/decider.ts'
import type { Row } from '../src/document.ts'
import { withConsents } from '../src/retransfer/consents.ts'
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
  record,
  suppliedBy,
} from './fixtures.ts'
import { cameFrom, sealed } from './foreign.ts'

const DAY = 86_400_000
const subject: ApprovalSubject = {
  record: record.id,
  field: 'rate_max',
  value: 'v'.repeat(43),
  level: 'exact',
  recipient: 'GBR',
  purpose: 'use',
  policy: 'p'.repeat(43),
  label: open,
}
const awaited: Awaited = { subject, because: ['RATE'], needed: 1 }
const ann = { name: 'Ann', key: 'a'.repeat(43) }
const bob = { name: 'Bob', key: 'b'.repeat(43) }

let count = 0
function word(
  content: Partial<FieldApproval> = {},
  officer = ann,
  decision: 'approve' | 'deny' = 'approve',
): OfficerWord {
  const until = decision === 'approve' ? october + DAY : null
  const because = ['RATE']
  const authors = ['carl']
  return {
    about: `about ${count++}`,
    decision,
    content: { ...subject, because, authors, until, ...content },
    value: '25',
    officer,
  }
}

describe('what an officer approves', () => {
  test('is approved until it runs out, and not at that moment', () => {
    expect(isApproved(awaited, [word()], october)).toBe(true)
    expect(isApproved(awaited, [word()], october + DAY - 1)).toBe(true)
    expect(isApproved(awaited, [word()], october + DAY)).toBe(false)
    expect(isApproved(awaited, [], october)).toBe(false)
  })

  const others: { readonly [K in keyof ApprovalSubject]: fc.Arbitrary<ApprovalSubject[K]> } = {
    record: fc.constant(`urn:entente:${'f'.repeat(32)}`),
    field: fc.constantFrom('title', 'lead_time'),
    value: fc.string({ minLength: 43, maxLength: 43 }),
    level: fc.constantFrom('fine', 'coarse'),
    recipient: fc.constantFrom('NOR', 'AUS', 'CAN'),
    purpose: fc.constantFrom('display', 'retransfer'),
    policy: fc.string({ minLength: 43, maxLength: 43 }),
    label: fc.constantFrom<Label>(
      { ...open, classification: 'RESTRICTED' },
      { ...open, releasableTo: ['GBR'] },
      { ...open, caveats: ['ORCON'] },
    ),
  }
  const change = fc
    .constantFrom(...(Object.keys(others) as (keyof ApprovalSubject)[]))
    .chain((name) => (others[name] as fc.Arbitrary<unknown>).map((value) => ({ [name]: value })))

  test('is that alone: one change in what it is about, and it approves nothing', () => {
    fc.assert(
      fc.property(change, fc.integer({ min: 1, max: 4 }), (changed, times) => {
        const words = Array.from({ length: times }, (_, i) => word(changed, i % 2 ? bob : ann))
        expect(isApproved(awaited, words, october)).toBe(false)
        const right = { ...awaited, subject: { ...subject, ...changed } }
        expect(isApproved(right, words, october)).toBe(true)
      }),
    )
  })

  test.each<[string, Partial<FieldApproval>]>([
    ['one that has run out', { until: october }],
    ['one without an end', { until: null }],
    ['one for other reasons', { because: ['ANOTHER'] }],
    ['one by the author', { authors: ['carl', 'Ann'] }],
    ['one by the author, whose name is written otherwise', { authors: ['  aNN '] }],
  ])('is not approved by %s', (_, content) => {
    expect(isApproved(awaited, [word(content)], october)).toBe(false)
  })

  test('is approved for more reasons than now hold, not for fewer', () => {
    const both = { ...awaited, because: ['RATE', 'SPILL'] }
    expect(isApproved(both, [word()], october)).toBe(false)
    expect(isApproved(awaited, [word({ because: ['RATE', 'SPILL'] })], october)).toBe(true)
  })

  test('needs as many people as the policy says: one who signs twice, or with two keys, is one', () => {
    const two = { ...awaited, needed: 2 }
    expect(isApproved(two, [word(), word()], october)).toBe(false)
    expect(isApproved(two, [word(), word({}, { ...bob, name: 'ann' })], october)).toBe(false)
    expect(isApproved(two, [word(), word({}, { ...bob, key: ann.key })], october)).toBe(false)
    expect(isApproved(two, [word(), word({}, bob)], october)).toBe(true)
    expect(isApproved(two, [word({ until: october }), word({}, bob)], october)).toBe(false)
    expect(isApproved({ ...awaited, needed: 0 }, [], october)).toBe(false)
  })

  test('is taken back by any officer, for all, and can be approved again', () => {
    const no = word({}, bob, 'deny')
    expect(isApproved(awaited, [word(), no], october)).toBe(false)
    expect(isRefused(subject, [word(), no])).toBe(true)
    expect(isApproved(awaited, [no, word()], october)).toBe(true)
    expect(isRefused(subject, [no, word()])).toBe(false)
    expect(isApproved(awaited, [word(), word({ field: 'title' }, bob, 'deny')], october)).toBe(true)
  })

  test('counts its words in the order of how long they are good, whatever order they came in', () => {
    const words = [word({ until: october + 1 }), word({ until: october + 3 }, bob), word()]
    const untils = approvalsOf(awaited, words, october).map(({ content }) => content.until)
    expect(untils).toEqual([october + DAY, october + 3])
  })
})

test('a higher level never needs fewer approvals', () => {
  const needed = fc.dictionary(
    fc.constantFrom<Classification>(...classifications),
    fc.integer({ min: 1, max: 9 }),
  )
  fc.assert(
    fc.property(needed, (given) => {
      const policy = policyWith({ approvals: { needed: given } })
      const counts = classifications.map((each) => approvalsNeeded(policy, each))
      expect(counts).toEqual([...counts].sort((a, b) => a - b))
      for (const [i, each] of classifications.entries())
        expect(counts[i]).toBeGreaterThanOrEqual(given[each] ?? 1)
    }),
  )
  expect(approvalsNeeded(policyWith(), 'SECRET')).toBe(1)
})

describe('a fragment', () => {
  const secrets = { recordKey: new Uint8Array(32).fill(1) }
  const ask: Row = {
    id: 'rate-needs-officer',
    effect: 'approve',
    match: { field: { in: ['rate_max'] } },
    reasonCode: 'RATE',
  }
  const rules: readonly Row[] = [allFive, ask]
  const policy = policyWith({ rules })
  const valued = (value: Json): DataRecord => ({
    ...record,
    fields: {
      ...record.fields,
      rate_max: {
        ...labelled('rate_max', {}).fields['rate_max'],
        value,
      } as DataRecord['fields'][string],
    },
  })
  const rate = (number: string): Json => ({ number, unit: 'each', per: 'year' })
  /** A word on a value of `rate_max` as it would be sent. */
  const onValue = (
    value: Json,
    content: Partial<FieldApproval> = {},
    decision: 'approve' | 'deny' = 'approve',
    by = ann,
    on = policy,
  ): OfficerWord => ({
    ...word({ policy: on.digest, ...content }, by, decision),
    content: {
      ...word({ policy: on.digest, ...content }, by, decision).content,
      value:
        content.value ??
        digestDisclosure([saltOf(secrets.recordKey, 'rate_max', value), 'rate_max', value]),
    },
    value,
  })
  const compose = (
    of: DataRecord,
    words: readonly OfficerWord[],
    standing: Said['standing'] = {},
    change: Partial<typeof permitted> = {},
    by = policy,
  ) =>
    composeFragment({ ...permitted, record: of, ...change }, createDecider(by), secrets, {
      words,
      standing,
    })

  test('leaves out what waits, and says of it all that an officer needs', () => {
    const made = compose(record, [])
    expect(made.fields).toEqual(['lead_time', 'title'])
    expect(made.approvals).toEqual({})
    expect(made.pending).toMatchObject([
      { subject: { field: 'rate_max', level: 'exact' }, because: ['RATE'], needed: 1, words: [] },
    ])
    expect(digestDisclosure(made.pending[0]?.disclosure ?? ['', '', null])).toBe(
      made.pending[0]?.subject.value,
    )
  })

  test('has what is approved, as the other rows give it, and not for longer than that', () => {
    const yes = onValue(rate('25'))
    const made = compose(record, [yes])
    expect(made.fields).toEqual(['lead_time', 'rate_max', 'title'])
    expect(made.authority[1]).toBe('AUKUS exercise 1')
    expect(made.approvals).toEqual({ rate_max: [yes.about] })
    expect(made.pending).toEqual([])
    expect(made.validUntil).toBe(october + DAY)
    expect(compose(record, [yes], {}, { atMs: october + DAY }).fields).toEqual([
      'lead_time',
      'title',
    ])
  })

  test('is cut down at the end of the approval whose loss leaves too few', () => {
    const two = policyWith({ rules, approvals: { needed: { UNCLASSIFIED: 2 } } })
    const words = [ann, bob, { name: 'Cy', key: 'c'.repeat(43) }].map((by, i) =>
      onValue(rate('25'), { until: october + i + 1 }, 'approve', by, two),
    )
    expect(compose(record, words.slice(0, 1), {}, {}, two).fields).not.toContain('rate_max')
    expect(compose(record, words, {}, {}, two).validUntil).toBe(october + 2)
  })

  test('has a band of what only a band of may go, approved as that band', () => {
    const bands: Row = {
      id: 'bands',
      effect: 'transform',
      match: { recipientGroups: { intersects: ['AUKUS'] }, field: { in: ['rate_max'] } },
      transform: { kind: 'band', level: 'fine' },
      reasonCode: 'BANDS',
      authority: 'bands of AUKUS',
    }
    const banded = policyWith({ rules: [...rules, bands] })
    const exact = onValue(rate('25'), {}, 'approve', ann, banded)
    const [waits] = compose(record, [exact], {}, {}, banded).pending
    expect(waits?.subject.level).toBe('fine')
    const yes = onValue(waits?.disclosure[2] ?? null, { level: 'fine' }, 'approve', ann, banded)
    expect(compose(record, [yes], {}, {}, banded).levels['rate_max']).toBe('fine')
    // Another value in the same band is the same to the recipient.
    expect(compose(valued(rate('29')), [yes], {}, {}, banded).pending).toEqual([])
    expect(compose(valued(rate('31')), [yes], {}, {}, banded).pending).toHaveLength(1)
  })

  test('nothing is approved that no row would release', () => {
    const alone = policyWith({
      rules: [{ ...allFive, match: { ...allFive.match, field: { in: ['title'] } } }, ask],
    })
    const yes = onValue(rate('25'), {}, 'approve', ann, alone)
    const made = compose(record, [yes], {}, {}, alone)
    expect(made.fields).toEqual(['title'])
    expect(made.pending).toEqual([])
  })

  test('a denial beats every approval', () => {
    const deny: Row = { ...ask, id: 'deny', effect: 'deny', reasonCode: 'NO' }
    const strict = policyWith({ rules: [...rules, deny] })
    const yes = onValue(rate('25'), {}, 'approve', ann, strict)
    expect(compose(record, [yes], { rate_max: [yes.about] }, {}, strict).fields).not.toContain(
      'rate_max',
    )
    const closed = labelled('rate_max', { releasableTo: [] })
    expect(compose(closed, [onValue(rate('25'))]).fields).not.toContain('rate_max')
  })

  test('keeps the value approved before while a new one waits, if the recipient holds it', () => {
    const yes = onValue(rate('25'))
    const before = compose(record, [yes])
    const edited = valued(rate('400'))
    const after = compose(edited, [yes], before.approvals)
    expect(after.digest).toBe(before.digest)
    expect(after.approvals).toEqual(before.approvals)
    expect(after.pending).toMatchObject([{ subject: { field: 'rate_max' } }])
    // Nobody who does not hold it gets it any more.
    expect(compose(edited, [yes]).fields).not.toContain('rate_max')
    const both = [yes, onValue(rate('400'))]
    expect(compose(edited, both, before.approvals).digest).not.toBe(before.digest)
    expect(compose(edited, both, before.approvals).pending).toEqual([])
  })

  test('takes the value approved before back, where the new label would let more people see it', () => {
    const stricter = { ...open, classification: 'RESTRICTED' as const }
    const marked = labelled('rate_max', stricter)
    const yes = onValue(rate('25'), { label: stricter })
    const before = compose(marked, [yes])
    expect(before.fields).toContain('rate_max')
    const edited = valued(rate('400'))
    expect(compose(edited, [yes], before.approvals).fields).not.toContain('rate_max')
    const higher = {
      ...edited,
      fields: {
        ...edited.fields,
        rate_max: { value: rate('400'), label: { ...stricter, classification: 'SECRET' as const } },
      },
    }
    expect(compose(higher, [yes], before.approvals).fields).toContain('rate_max')
    // Of the same value under another label nothing is approved either.
    expect(compose(record, [yes]).fields).not.toContain('rate_max')
  })

  test.each<[string, (yes: OfficerWord) => readonly OfficerWord[], Partial<typeof permitted>]>([
    ['runs out', (yes) => [yes], { atMs: october + DAY }],
    ['is taken back', (yes) => [yes, onValue(rate('25'), {}, 'deny', bob)], {}],
    ['is of no officer any more', () => [], {}],
  ])('loses the value approved before once its approval %s', (_, words, change) => {
    const yes = onValue(rate('25'))
    const made = compose(valued(rate('400')), words(yes), { rate_max: [yes.about] }, change)
    expect(made.fields).not.toContain('rate_max')
  })

  test('keeps it under a reason that came later, and loses it where the label denies', () => {
    const yes = onValue(rate('25'))
    const conflict = {
      ...record,
      fields: {
        ...record.fields,
        rate_max: { ...valued(rate('400')).fields['rate_max'], conflict: true },
      },
    } as DataRecord
    expect(compose(conflict, [yes], { rate_max: [yes.about] }).fields).toContain('rate_max')
    const closed = labelled('rate_max', { releasableTo: ['NOR'] })
    expect(compose(closed, [yes], { rate_max: [yes.about] }).fields).not.toContain('rate_max')
  })

  describe('has no older value by what lets the present one alone go', () => {
    const everybody: Row = {
      ...allFive,
      match: {
        recipient: { in: ['AUS', 'GBR', 'NOR'] },
        caveats: { subsetOf: ['COMMERCIAL', 'NOFORN'] },
      },
    }
    const wide = policyWith({ rules: [everybody, ask] })
    const came = { from: ['AUS' as const], onward: 'ask' as const, terms: true }
    /** The value as it came, where an older one of our own has been approved, and is held. */
    const has = (
      recipient: 'AUS' | 'NOR',
      label: Label,
      value: 'same' | 'other',
      consents: readonly SealedConsent[],
    ) => {
      const by = withConsents(wide, consents)
      const { title, rate_max } = record.fields
      if (title === undefined || rate_max === undefined) throw new TypeError('a field is missing')
      const fields = { title, rate_max: { value: rate('400'), label } }
      const now = cameFrom({ ...record, fields }, { ...came, value })
      const yes = onValue(rate('25'), { recipient }, 'approve', ann, by)
      const made = compose(now, [yes], { rate_max: [yes.about] }, { recipient }, by)
      return [made.fields, made.pending.map(({ subject: { field } }) => field)]
    }
    const closed: Label = { ...open, releasableTo: [], caveats: ['NOFORN'] }
    const [both, waits] = [['rate_max', 'title'], ['rate_max']]

    test('which goes home', () => {
      expect(has('AUS', closed, 'same', [])).toEqual([['title'], waits])
      expect(has('AUS', open, 'same', [])).toEqual([both, waits])
      expect(has('AUS', open, 'other', [])).toEqual([both, waits])
    })

    test('which a consent is for as it came, or in another form', () => {
      const derived = sealed({ derived: true })
      expect(has('NOR', open, 'same', [sealed({})])).toEqual([['title'], waits])
      expect(has('NOR', open, 'same', [derived])).toEqual([both, waits])
      expect(has('NOR', open, 'other', [derived])).toEqual([both, waits])
      const coarse = sealed({ derived: true, transform: 'coarse' })
      expect(has('NOR', open, 'same', [sealed({}), coarse])).toEqual([['title'], waits])
    })

    test('whose supplier has consented: nobody knows who it was then', () => {
      const bolt = beside(wide, consentWith({ supplier: 'bolt' }))
      const confided = labelled('rate_max', { caveats: ['COMMERCIAL'] })
      const label: Label = { ...open, caveats: ['COMMERCIAL'] }
      const yes = onValue(rate('25'), { label }, 'approve', ann, bolt)
      const stands = { rate_max: [yes.about] }
      const now = suppliedBy(confided, 'Bolt')
      expect(compose(now, [yes], {}, {}, bolt).fields).toContain('rate_max')
      const field = { value: rate('400'), label }
      const edited = { ...now, fields: { ...now.fields, rate_max: field } }
      const made = compose(edited, [yes], stands, {}, bolt)
      expect(made.fields).toEqual(['lead_time', 'supplier', 'title'])
      expect(made.pending).toHaveLength(1)
    })
  })

  test('of which the identity waits is nothing yet, and all of it waits', () => {
    const title: Row = { ...ask, match: { field: { in: ['title', 'rate_max'] } } }
    const made = compose(record, [], {}, {}, policyWith({ rules: [allFive, title] }))
    expect(made.fragment).toBeNull()
    expect(made.pending.map(({ subject: { field } }) => field)).toEqual(['rate_max', 'title'])
    const hidden = labelled('title', { releasableTo: [] })
    expect(compose(hidden, []).pending).toEqual([])
  })

  test('the same words give the same bytes in any order of other records', () => {
    const yes = onValue(rate('25'))
    const noise = [word({ record: `urn:entente:${'f'.repeat(32)}` }), word({ field: 'title' }, bob)]
    expect(compose(record, [...noise, yes]).digest).toBe(compose(record, [yes, ...noise]).digest)
  })
})

test('a policy says how many officers it needs, and refuses what is no number of people', () => {
  expect(checkPolicy(documentWith({ approvals: { needed: { SECRET: 2 } } }))).toEqual([])
  for (const needed of [{ SECRET: 0 }, { SECRET: 1.5 }, { SECRETISH: 2 }])
    expect(checkPolicy({ ...documentWith(), approvals: { needed } })[0]?.place).toMatch(
      /^approvals/,
    )
})
