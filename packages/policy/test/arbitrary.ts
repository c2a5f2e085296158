import {
  type Caveat,
  caveats,
  classifications,
  type DataRecord,
  type Envelope,
  type Json,
  type Label,
  type Role,
} from '@entente/schema'
import fc from 'fast-check'
import { compilePolicy, withRegister } from '../src/compile.ts'
import type { PolicyDocument, Row } from '../src/document.ts'
import type { Question } from '../src/question.ts'
import { compileRegister } from '../src/register/compile.ts'
import type { Agreement, RegisterDocument } from '../src/register/document.ts'
import type { Consent } from '../src/supplier/document.ts'
import { consentWith, documentWith, open, record, recordWith, registerOf } from './fixtures.ts'

const nations = ['AUS', 'CAN', 'GBR', 'NOR', 'USA']
const groups = ['AUKUS', 'NATO', 'PARTNERS']
const fields = Object.keys(record.fields)
const sorted = <T extends string>(list: readonly T[], min = 0) =>
  fc.subarray([...list], { minLength: min }).map((chosen) => chosen.sort())

/** Any label; the open ones more often, or nearly every question would end at the first gate. */
export const label: fc.Arbitrary<Label> = fc.record({
  classification: fc.oneof(
    { weight: 3, arbitrary: fc.constant('UNCLASSIFIED' as const) },
    { weight: 1, arbitrary: fc.constantFrom(...classifications) },
  ),
  releasableTo: fc.oneof(
    { weight: 3, arbitrary: fc.constant(['AUKUS', 'NATO', 'PARTNERS']) },
    { weight: 1, arbitrary: sorted([...nations, ...groups, 'FRIENDS'].sort()) },
  ),
  caveats: fc.oneof(
    { weight: 3, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: sorted<Caveat>(caveats) },
  ),
})

const optional = <T>(key: string, value: fc.Arbitrary<T>) =>
  fc.oneof(
    { weight: 3, arbitrary: fc.constant({}) },
    { weight: 1, arbitrary: value.map((v) => ({ [key]: v })) },
  )

/** Some roles, now and then; two limits have often none in common. */
export const roleLimit: fc.Arbitrary<{ readonly roles?: Role[] }> = optional(
  'roles',
  sorted<Role>(['contracting', 'engineering', 'logistics'], 1),
)

const dates = ['2026-03-01', '2026-10-01', '2027-01-01']

/** Rows of every effect, such as `checkPolicy` accepts. */
const rule = (id: string): fc.Arbitrary<Row> =>
  fc
    .constantFrom('permit', 'permit', 'permit', 'transform', 'transform', 'deny', 'approve')
    .chain((effect) => {
      const releases = effect === 'permit' || effect === 'transform'
      return fc
        .tuple(
          releases
            ? fc.oneof(
                sorted(nations, 1).map((list) => ({ recipient: { in: list } })),
                sorted(groups, 1).map((list) => ({ recipientGroups: { intersects: list } })),
              )
            : sorted(nations, 3).map((list) => ({ recipient: { notIn: list } })),
          optional(
            'field',
            sorted(['rate_max', 'lead_time'], 1).map((list) => ({ in: list })),
          ),
          optional('confidence', fc.constant({ in: ['A1'] })),
          optional(
            'classification',
            fc
              .constantFrom(...classifications)
              .map((level) => (releases ? { atMost: level } : { atLeast: level })),
          ),
          optional(
            'caveats',
            sorted<Caveat>(caveats, releases ? 0 : 1).map((list) =>
              releases ? { subsetOf: list } : { intersects: list },
            ),
          ),
          optional(
            'agreements',
            sorted(['blanket', 'gsa'], 1).map((list) =>
              releases ? { intersects: list } : { subsetOf: list },
            ),
          ),
          optional(
            'at',
            fc.constantFrom(...dates).map((from) => ({ from, until: '2027-06-01' })),
          ),
          fc.constantFrom(
            { kind: 'redact' },
            { kind: 'band', level: 'fine' },
            { kind: 'band', level: 'coarse' },
          ),
          releases ? roleLimit : fc.constant({}),
        )
        .map(
          ([to, field, confidence, classification, caveat, agreements, at, transform, roles]) => ({
            id,
            effect,
            match: {
              ...to,
              ...field,
              ...confidence,
              ...classification,
              ...caveat,
              ...agreements,
              ...at,
            },
            ...(effect === 'transform' && { transform }),
            ...roles,
            reasonCode: id.toUpperCase(),
            ...(releases && { authority: `ground of ${id}` }),
          }),
        )
    })
    .map((row) => row as Row)

const ceilings = fc.record(
  Object.fromEntries(
    nations.map((nation) => [
      nation,
      fc.constantFrom(...classifications, 'SECRET' as const, 'SECRET' as const),
    ]),
  ),
)

const base = documentWith()

/** A policy that its authority could sign. */
export const document: fc.Arbitrary<PolicyDocument> = fc
  .integer({ min: 0, max: 6 })
  .chain((count) =>
    fc.tuple(fc.tuple(...Array.from({ length: count }, (_, i) => rule(`row-${i}`))), ceilings),
  )
  .map(([rules, given]) => ({ ...base, rules, ceilings: given }))

const agreement = (id: string): fc.Arbitrary<Agreement> =>
  fc
    .tuple(
      sorted(nations, 2),
      fc.constantFrom(...classifications, 'SECRET' as const),
      optional(
        'items',
        fc.constantFrom([{ regime: 'ITAR', codes: ['XI', 'IV(h)'] }], [{ regime: 'EAR' }]),
      ),
      optional('fields', sorted(['rate_max', 'title'], 1)),
      optional('kinds', fc.constantFrom(['capability'], ['item'])),
      optional('value', fc.constant({ atMost: '1000', currency: 'USD' })),
      fc.constantFrom(...dates),
    )
    .map(
      ([parties, ceiling, items, named, kinds, value, expires]) =>
        ({
          id,
          title: id,
          type: 'blanket',
          parties: parties.map((nation) => ({ nation })),
          ...items,
          ...named,
          ...kinds,
          ...value,
          uses: ['use'],
          ceiling,
          effective: '2026-01-01',
          expires,
        }) as Agreement,
    )

/** Of either supplier, of all sorts; wide ones more often. */
export const consent = (id: string): fc.Arbitrary<Consent> =>
  fc
    .tuple(
      fc.constantFrom('acme', 'acme', 'bolt'),
      fc.oneof({ weight: 2, arbitrary: fc.constant(nations) }, sorted(nations, 1)),
      optional('kinds', fc.constantFrom(['capability'], ['item'])),
      optional('fields', sorted(['rate_max', 'title'], 1)),
      optional('datasets', fc.constantFrom(['production'], ['needs'])),
      optional('records', fc.constantFrom([record.id], [`urn:entente:${'1'.repeat(32)}`])),
      roleLimit,
      fc.constantFrom('2027-01-01', '2028-01-01'),
    )
    .map(([supplier, recipients, kinds, named, datasets, records, roles, expires]) =>
      consentWith({
        id,
        supplier,
        recipients,
        ...kinds,
        ...named,
        ...datasets,
        ...records,
        ...roles,
        expires,
      } as Partial<Consent>),
    )

/** A register that its authority could sign. */
export const register: fc.Arbitrary<RegisterDocument> = fc
  .tuple(
    fc.tuple(agreement('blanket'), agreement('gsa')),
    fc.tuple(consent('one'), consent('two'), consent('three')),
    fc.nat(3),
  )
  .map(([agreements, consents, count]) => registerOf(consents.slice(0, count), { agreements }))

const stray = `urn:entente:${'2'.repeat(32)}`

/** Who a record says its supplier is: one, both, nobody, somebody unknown, or it is in conflict. */
export const supply: fc.Arbitrary<DataRecord['fields']> = fc
  .tuple(
    fc.constantFrom<Json>('Acme', 'Acme', 'Bolt', 'Nobody', null),
    fc.constantFrom<Json | undefined>(undefined, undefined, 'Works of A', 'Works of B', stray, [7]),
    fc.integer({ min: 0, max: 9 }),
  )
  .map(([name, ref, torn]) => ({
    supplier: { value: name, label: open, ...(torn === 0 && { conflict: true as const }) },
    ...(ref !== undefined && { supplier_ref: { value: ref, label: open } }),
  }))

/** Mostly with a register beside it. */
export const policy = fc
  .tuple(document, fc.option(register, { freq: 3 }))
  .map(([given, beside]) =>
    beside === null
      ? compilePolicy(given)
      : withRegister(compilePolicy(given), compileRegister(beside)),
  )

/** Any question about a record of any labels and envelope. */
export const question: fc.Arbitrary<Question> = fc
  .record({
    labels: fc.tuple(...fields.map(() => label)),
    named: supply,
    status: fc.constantFrom('active', 'active', 'active', 'draft'),
    confidence: fc.constantFrom(undefined, 'A1', 'B2'),
    jurisdiction: fc.constantFrom<NonNullable<Envelope['jurisdiction']> | undefined>(
      undefined,
      undefined,
      undefined,
      [{ regime: 'none' }],
      [{ regime: 'EAR' }],
      [{ regime: 'ITAR', code: 'XI(c)' }],
      [{ regime: 'ITAR', code: 'XI(c)', value: { amount: '900', currency: 'USD' } }],
    ),
    conflict: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
    originator: fc.constantFrom('USA', 'USA', 'USA', 'USA', 'USA', 'CAN'),
    field: fc.constantFrom(...fields),
    recipient: fc.constantFrom(...nations),
    purpose: fc.constantFrom('use', 'use', 'display'),
    day: fc.integer({ min: 0, max: 850 }),
  })
  .map(
    ({
      labels,
      named,
      status,
      confidence,
      jurisdiction,
      conflict,
      originator,
      field,
      recipient,
      purpose,
      day,
    }) => ({
      record: recordWith({
        originator,
        envelope: {
          ...record.envelope,
          status: status as 'active' | 'draft',
          ...(confidence !== undefined && { confidence }),
          ...(jurisdiction !== undefined && { jurisdiction }),
        },
        fields: {
          ...named,
          ...Object.fromEntries(
            fields.map((name, i) => [
              name,
              {
                value: record.fields[name]?.value ?? null,
                label: labels[i] as Label,
                ...(conflict && name === 'title' && { conflict: true as const }),
              },
            ]),
          ),
        },
      }),
      field,
      recipient,
      purpose: purpose as Question['purpose'],
      atMs: 1_764_547_200_000 + day * 86_400_000,
      sender: 'USA',
    }),
  )

/** The same question with the label of its field changed. */
export function relabel(asked: Question, change: (label: Label) => Label): Question {
  const field = asked.record.fields[asked.field]
  if (field === undefined) throw new Error(`no field ${asked.field}`)
  const changed = { ...field, label: change(field.label) }
  return {
    ...asked,
    record: { ...asked.record, fields: { ...asked.record.fields, [asked.field]: changed } },
  }
}
