import { type Label, type Role, roles } from '@entente/schema'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compilePolicy, withRegister } from '../src/compile.ts'
import { decide, levelOf } from '../src/decide.ts'
import type { Row } from '../src/document.ts'
import { explain } from '../src/explain.ts'
import { isCoarser, levels } from '../src/levels.ts'
import type { Question } from '../src/question.ts'
import { compileRegister } from '../src/register/compile.ts'
import type { RegisterDocument } from '../src/register/document.ts'
import type { Consent } from '../src/supplier/document.ts'
import { consent, document, question, register } from './arbitrary.ts'
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
  record,
  registerOf,
  suppliedBy,
} from './fixtures.ts'

const rows: readonly Row[] = [
  { ...allFive, match: { ...allFive.match, caveats: { subsetOf: ['COMMERCIAL'] } } },
]
const policy = policyWith({ rules: rows })
const commercial = suppliedBy(labelled('rate_max', { caveats: ['COMMERCIAL'] }))
const asked: Question = { ...permitted, record: commercial }
const denied = 'COMMERCIAL: no consent of the supplier in force covers it'
const field = (value: unknown, label: Label = open) => ({ value: value as string, label })

describe('a COMMERCIAL field', () => {
  test('goes by a consent that covers it, until the consent ends', () => {
    const decision = decide(asked, beside(policy, consentWith({ expires: '2027-01-01' })))
    expect(decision).toMatchObject({
      effect: 'permit',
      because: ['AUKUS-EXACT'],
      roles: null,
      validUntil: Date.parse('2027-01-01'),
    })
  })

  test.each<[fact: string, given: readonly Consent[], change?: Partial<Question>]>([
    ['there is no consent', []],
    ['it is of another supplier', [consentWith({ supplier: 'bolt' })]],
    ['it is for another nation', [consentWith({ recipients: ['AUS', 'NOR'] })]],
    ['it is for another purpose', [consentWith({ uses: ['display'] })]],
    ['it is of another kind', [consentWith({ kinds: ['item'] })]],
    ['it is of another dataset', [consentWith({ datasets: ['needs'] })]],
    ['it is of another field', [consentWith({ fields: ['unit_cost'] })]],
    ['it is of another record', [consentWith({ records: [`urn:entente:${'1'.repeat(32)}`] })]],
    ['it has not begun', [consentWith({ effective: '2026-10-02' })]],
    ['it has ended', [consentWith({ expires: '2026-10-01' })]],
    ['the authority has revoked it', [consentWith({ revoked: '2026-10-01' })]],
    [
      'the supplier has withdrawn it',
      [consentWith({ withdrawn: { from: '2026-09-30', seal: '-' } })],
    ],
    [
      'its record names no supplier',
      [consentWith()],
      { record: labelled('rate_max', { caveats: ['COMMERCIAL'] }) },
    ],
    ['its record names somebody else', [consentWith()], { record: suppliedBy(commercial, 'acme') }],
    [
      'its record names one that has not consented as well',
      [consentWith()],
      {
        record: {
          ...commercial,
          fields: { ...commercial.fields, supplier_ref: field('Works of B') },
        },
      },
    ],
    [
      'the name of its supplier is in conflict',
      [consentWith()],
      {
        record: {
          ...commercial,
          fields: { ...commercial.fields, supplier: { ...field('Acme'), conflict: true } },
        },
      },
    ],
    [
      'the name of its supplier is no name',
      [consentWith()],
      {
        record: {
          ...commercial,
          fields: { ...commercial.fields, supplier: field({ is: 'Acme' }) },
        },
      },
    ],
    ['its kind knows no supplier', [consentWith()], { record: { ...commercial, kind: 'gap' } }],
  ])('does not go when %s', (_, given, change = {}) => {
    const decision = decide({ ...asked, ...change }, beside(policy, ...given))
    expect(decision).toMatchObject({ effect: 'deny', because: [denied], roles: null })
  })

  test('goes when both that it names have consented', () => {
    const both = {
      ...commercial,
      fields: { ...commercial.fields, supplier_ref: field('Works of B') },
    }
    const given = [consentWith(), consentWith({ id: 'bolt-1', supplier: 'bolt' })]
    expect(decide({ ...asked, record: both }, beside(policy, ...given)).effect).toBe('permit')
  })

  test('needs every supplier that one name means', () => {
    const twice = registerOf([consentWith()], {
      suppliers: (registerOf([]).suppliers ?? []).map((each) => ({ ...each, names: ['Acme'] })),
    })
    const decision = decide(asked, withRegister(policy, compileRegister(twice)))
    expect(decision.because).toEqual([denied])
  })

  test('does not go by an approval', () => {
    const approve: Row = {
      id: 'ask',
      effect: 'approve',
      match: { kind: { in: ['capability'] } },
      reasonCode: 'ASK',
    }
    expect(decide(asked, beside(policyWith({ rules: [...rows, approve] }))).effect).toBe('deny')
  })

  test('is explained by what is missing, to the one who may know', () => {
    const words = (...given: readonly Consent[]) =>
      explain(
        { record: commercial, recipient: 'GBR', atMs: october, field: 'rate_max' },
        beside(policy, ...given),
      ).fields[0]
    expect(words()).toMatchObject({
      gate: 'consent',
      words: `denied: ${denied}; its supplier Acme (acme) has given no consent that covers GBR`,
      change: expect.stringContaining('ask the supplier'),
    })
    expect(words(consentWith({ fields: ['title'], expires: '2026-08-01' }))?.words).toBe(
      `denied: ${denied}; its supplier Acme (acme) has given no consent that covers GBR; nearest is acme-1: it ended on 2026-08-01; it does not speak of the field rate_max`,
    )
    const unknown = { record: suppliedBy(commercial, 'Nobody'), recipient: 'GBR', atMs: october }
    expect(explain({ ...unknown, field: 'rate_max' }, beside(policy)).fields[0]?.words).toBe(
      `denied: ${denied}; the register knows no supplier Nobody`,
    )
  })
})

describe('roles', () => {
  const limited = (id: string, only: readonly Role[] | undefined, change: object = {}): Row =>
    ({ ...rows[0], id, ...(only && { roles: only }), ...change }) as Row
  const rolesBy = (rules: readonly Row[], ...given: readonly Consent[]) =>
    decide(asked, beside(compilePolicy({ ...documentWith(), rules }), ...given))

  test('of every row that releases and of the consent are what they have in common', () => {
    const rules = [
      limited('a', ['contracting', 'engineering']),
      limited('b', ['engineering', 'logistics']),
      limited('c', undefined),
    ]
    expect(rolesBy(rules, consentWith()).roles).toEqual(['engineering'])
    expect(rolesBy(rules.slice(0, 1), consentWith({ roles: ['contracting'] })).roles).toEqual([
      'contracting',
    ])
    expect(rolesBy([limited('c', undefined)], consentWith()).roles).toBeNull()
  })

  test('that leave nobody let nothing go', () => {
    const rules = [limited('a', ['contracting'])]
    expect(rolesBy(rules, consentWith({ roles: ['logistics'] }))).toMatchObject({
      effect: 'deny',
      because: ['no role may read it under every limit'],
      roles: null,
    })
  })

  test('of two consents of one supplier are what either allows', () => {
    const given = [
      consentWith({ roles: ['engineering'] }),
      consentWith({ id: 'acme-2', roles: ['contracting'] }),
    ]
    expect(rolesBy(rows, ...given).roles).toEqual(['contracting', 'engineering'])
    expect(rolesBy(rows, ...given, consentWith({ id: 'acme-3' })).roles).toBeNull()
  })

  test('still bind where a stricter label keeps their row from releasing', () => {
    const open_ = limited('open', ['engineering'], {
      match: { ...allFive.match, caveats: { subsetOf: [] } },
    })
    expect(rolesBy([open_, limited('b', undefined)], consentWith()).roles).toEqual(['engineering'])
  })
})

/** How much is withheld, and from whom: nobody may come to read what they could not. */
const readers = (decision: ReturnType<typeof decide>): readonly string[] =>
  roles.flatMap((role) =>
    levelOf(decision) === 'redact' || (decision.roles?.includes(role) ?? true) === false
      ? []
      : levels
          .filter((level) => level !== 'redact')
          .filter((level) => level === levelOf(decision) || isCoarser(level, levelOf(decision)))
          .map((level) => `${role} ${level}`),
  )
const gainsNothing = (less: ReturnType<typeof decide>, more: ReturnType<typeof decide>) =>
  expect(readers(more)).toEqual(expect.arrayContaining([...readers(less)]))

/** Questions about COMMERCIAL fields that a wide row releases, so that what a consent does is seen. */
const wide = document.map((d) => ({
  ...d,
  rules: [
    ...d.rules.filter(({ effect }) => effect === 'permit' || effect === 'transform').slice(0, 1),
    {
      ...allFive,
      id: 'wide',
      match: {
        recipientGroups: { intersects: ['PARTNERS'] },
        caveats: { subsetOf: ['COMMERCIAL'] },
      },
    } as Row,
  ],
  ceilings: { AUS: 'SECRET', CAN: 'SECRET', GBR: 'SECRET', NOR: 'SECRET' } as const,
}))
const marked = question.map((q): Question => {
  const about = q.record.fields[q.field]
  return about === undefined
    ? q
    : {
        ...q,
        purpose: 'use',
        atMs: q.atMs % 259_200_000 > 0 ? october : q.atMs,
        record: {
          ...q.record,
          originator: 'USA',
          envelope: record.envelope,
          fields: {
            ...q.record.fields,
            [q.field]: {
              value: about.value,
              label: { ...open, caveats: ['COMMERCIAL'] },
            },
          },
        },
      }
})
const decideBy = (q: Question, d: ReturnType<typeof documentWith>, given: RegisterDocument) =>
  decide(q, withRegister(compilePolicy(d), compileRegister(given)))

describe('never lets anybody read more', () => {
  const often = (
    narrow: (given: RegisterDocument, nth: number, other: Consent) => RegisterDocument,
    change: (q: Question, nth: number) => Question = (q) => q,
  ) => {
    let released = 0
    assertOften(
      fc.property(wide, register, marked, fc.nat(8), consent('four'), (d, given, q, nth, other) => {
        const before = decideBy(q, d, given)
        gainsNothing(decideBy(change(q, nth), d, narrow(given, nth, other)), before)
        if (levelOf(before) !== 'redact') released++
      }),
      { met: () => released, few: 20, numRuns: 400 },
    )
  }
  const nthOf = (given: RegisterDocument, nth: number, by: (each: Consent) => Consent[]) => ({
    ...given,
    consents: (given.consents ?? []).flatMap((each, i) => (i === nth % 3 ? by(each) : [each])),
  })

  test('taking a consent out', () => often((given, nth) => nthOf(given, nth, () => [])))
  test('ending, limiting or revoking one', () =>
    often((given, nth, { fields = [], recipients, roles: only }) =>
      nthOf(given, nth, (each) => [
        {
          ...each,
          ...(nth % 4 === 0 && { revoked: '2026-06-01' }),
          ...(nth % 4 === 1 && {
            fields: (each.fields ?? ['rate_max']).filter((f) => !fields.includes(f)),
          }),
          ...(nth % 4 === 2 && {
            recipients: each.recipients.filter((r) => recipients.includes(r)),
          }),
          ...(nth % 4 === 3 && {
            roles: (each.roles ?? roles).filter((role) => only?.includes(role) ?? true),
          }),
        },
      ]),
    ))
  test('a further supplier of the record', () =>
    often(
      (given) => given,
      (q) => {
        const { fields } = q.record
        // The first that is named is no further one.
        const isFirst = fields['supplier']?.value === null
        const has = isFirst || fields['supplier_ref'] !== undefined
        const more = has ? {} : { supplier_ref: field('Works of B') }
        return { ...q, record: { ...q.record, fields: { ...fields, ...more } } }
      },
    ))
  test('a limit of roles on a row', () => {
    fc.assert(
      fc.property(wide, register, marked, fc.constantFrom<Role>(...roles), (d, given, q, role) => {
        const rules = d.rules.map((row) =>
          row.effect === 'permit' || row.effect === 'transform'
            ? { ...row, roles: (row.roles ?? roles).filter((each) => each !== role) }
            : row,
        )
        gainsNothing(decideBy(q, { ...d, rules }, given), decideBy(q, d, given))
      }),
      { numRuns: 300 },
    )
  })
  test('a caveat or a higher level', () => {
    fc.assert(
      fc.property(
        document,
        register,
        question,
        fc.constantFrom('ORCON', 'COMMERCIAL'),
        (d, given, q, caveat) => {
          const about = q.record.fields[q.field]
          if (about === undefined) return
          const caveats = [...new Set([...about.label.caveats, caveat as 'ORCON'])].sort()
          const stricter = {
            ...q,
            record: {
              ...q.record,
              fields: {
                ...q.record.fields,
                [q.field]: { ...about, label: { ...about.label, caveats } },
              },
            },
          }
          gainsNothing(decideBy(stricter, d, given), decideBy(q, d, given))
        },
      ),
      { numRuns: 400 },
    )
  })
  test('another order of rows, suppliers and consents changes nothing', () => {
    fc.assert(
      fc.property(document, register, question, (d, given, q) => {
        const turned = {
          ...given,
          suppliers: given.suppliers?.toReversed(),
          consents: given.consents?.toReversed(),
        } as RegisterDocument
        const rules = d.rules.toReversed()
        expect(decideBy(q, { ...d, rules }, turned)).toEqual(decideBy(q, d, given))
      }),
      { numRuns: 200 },
    )
  })
})

test('a record without a COMMERCIAL field asks nobody, whoever its supplier is', () => {
  const about = { ...permitted, record: suppliedBy(record, 'Nobody') }
  expect(decide(about, beside(policy))).toEqual(decide(permitted, beside(policy)))
})
