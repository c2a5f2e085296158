import {
  caveats,
  classifications,
  type DataRecord,
  Jurisdiction,
  type Label,
} from '@entente/schema'
import fc from 'fast-check'
import { type CompiledPolicy, compilePolicy, withRegister } from '../src/compile.ts'
import { Match, type Row, Row as RowSchema } from '../src/document.ts'
import type { Question } from '../src/question.ts'
import { compileRegister } from '../src/register/compile.ts'
import { label, register, roleLimit, supply } from './arbitrary.ts'
import { documentWith, record, recordWith } from './fixtures.ts'

/** Codes from which rows and questions are made, so that they meet. */
const codes = {
  kind: ['capability', 'gap'],
  field: ['lead_time', 'owner_contact', 'rate_max', 'title'],
  dataset: ['needs', 'production'],
  originator: ['CAN', 'USA'],
  confidence: ['A1', 'B2', 'F6'],
  recipient: ['AUS', 'CAN', 'GBR', 'NOR'],
  recipientGroups: ['AUKUS', 'NATO', 'PARTNERS'],
  purpose: ['display', 'use'],
  caveats: [...caveats],
  releasableTo: ['AUKUS', 'GBR', 'NATO', 'NOR', 'PARTNERS'],
  regimes: ['EAR', 'ITAR', 'none'],
  agreements: ['blanket', 'gsa', 'old'],
} as const
const dates = ['2026-03-01', '2026-10-01T12:30:00Z', '2027-01-01']

const some = (list: readonly string[], min = 1) =>
  fc.subarray([...list], { minLength: min }).map((chosen) => chosen.sort())

/** A condition on one attribute with one or two operators of it, as the schema has them. */
function condition(attribute: string): fc.Arbitrary<Record<string, unknown>> {
  const operators = Object.keys(
    (Match.shape as Record<string, { unwrap: () => { shape: object } }>)[attribute]?.unwrap()
      .shape ?? {},
  )
  return fc.subarray(operators, { minLength: 1 }).chain((chosen) =>
    fc
      .tuple(
        ...chosen.map((operator): fc.Arbitrary<unknown> => {
          if (attribute === 'at') return fc.constantFrom(...dates)
          if (attribute === 'classification') return fc.constantFrom(...classifications)
          return some(codes[attribute as keyof typeof codes], operator === 'subsetOf' ? 0 : 1)
        }),
      )
      .map((wanted) => Object.fromEntries(chosen.map((operator, i) => [operator, wanted[i]]))),
  )
}

/** Any row that the schema takes: every attribute, every operator, also such as `checkPolicy` refuses. */
const anyRow = (id: string): fc.Arbitrary<Row> =>
  fc
    .tuple(
      fc.constantFrom('permit', 'transform', 'deny', 'approve'),
      fc.subarray(Object.keys(Match.shape), { minLength: 0, maxLength: 3 }),
      fc.constantFrom(
        { kind: 'redact' },
        { kind: 'band', level: 'fine' },
        { kind: 'band', level: 'coarse' },
      ),
    )
    .chain(([effect, attributes, transform]) =>
      fc.tuple(roleLimit, ...attributes.map(condition)).map(([limit, ...conditions]) => ({
        id,
        effect,
        match: Object.fromEntries(attributes.map((attribute, i) => [attribute, conditions[i]])),
        ...(effect === 'transform' && { transform }),
        ...((effect === 'permit' || effect === 'transform') && limit),
        reasonCode: `${id} "said" \\ ☂\n`,
        authority: `ground of ${id}`,
      })),
    )
    .map((row) => RowSchema.parse(row))

/** Members that come late and go early, and a foreign scheme whose words are worth something for a while. */
const usual = documentWith()
const base: typeof usual = {
  ...usual,
  groups: {
    ...usual.groups,
    NATO: [
      ...(usual.groups['NATO'] ?? []),
      { nation: 'AUS', from: '2026-03-01' },
      { nation: 'CAN', from: '2026-03-01', until: '2027-02-01', inherits: true },
    ],
  },
  equivalences: [
    {
      agreement: 'exercise GSA',
      scheme: 'ESP',
      from: '2020-01-01',
      until: '2027-06-01',
      levels: {
        'TOP SECRET': [{ text: 'SECRETO' }],
        SECRET: [{ text: 'RESERVADO' }],
        CONFIDENTIAL: [{ text: 'CONFIDENCIAL' }],
        RESTRICTED: [{ text: 'LIMITADA', until: '2026-02-02' }],
        UNCLASSIFIED: [{ text: 'SIN CLASIFICAR' }],
      },
    },
  ],
}

/** A policy of any rows, beside a register. */
export const anyPolicy: fc.Arbitrary<CompiledPolicy> = fc
  .tuple(register, ...Array.from({ length: 8 }, (_, i) => anyRow(`row-${i}`)))
  .map(([agreements, ...rules]) => {
    const datasets = { ...base.datasets, needs: { mode: 'live' as const, title: 'Needs' } }
    return withRegister(compilePolicy({ ...base, datasets, rules }), compileRegister(agreements))
  })

const regimes = fc.oneof(
  fc.constant(undefined),
  some(codes.regimes, 0).map((list) => list.map((regime) => Jurisdiction.parse({ regime }))),
)

/** Any question; also about a field that the record has not, a nation and a dataset that the policy does not name. */
export const anyQuestion: fc.Arbitrary<Question> = fc
  .record({
    kind: fc.constantFrom(...codes.kind),
    dataset: fc.constantFrom(...codes.dataset, 'elsewhere'),
    originator: fc.constantFrom(...codes.originator, 'FRA'),
    confidence: fc.constantFrom(undefined, ...codes.confidence),
    regimes,
    label,
    named: supply,
    original: fc.constantFrom(undefined, undefined, 'ESP:LIMITADA', 'ESP:SECRETO', 'ESP:NADA'),
    asOf: fc.constantFrom('2025-01-01', '2026-02-01', '2026-03-01', '2026-04-01T12:00:00Z'),
    field: fc.constantFrom(...codes.field, 'item_code'),
    recipient: fc.constantFrom(...codes.recipient, 'FRA'),
    purpose: fc.constantFrom('use', 'use', 'display', 'retransfer'),
    day: fc.integer({ min: 0, max: 850 }),
    ms: fc.constantFrom(0, 45_000_000, 45_000_001, 86_399_999),
  })
  .map((made) => questionOf(made))

function questionOf(made: {
  kind: string
  dataset: string
  originator: string
  confidence: string | undefined
  regimes: DataRecord['envelope']['jurisdiction']
  label: Label
  named: DataRecord['fields']
  original: string | undefined
  asOf: string
  field: string
  recipient: string
  purpose: string
  day: number
  ms: number
}): Question {
  const label: Label = {
    ...made.label,
    ...(made.original !== undefined && { original: [made.original] }),
  }
  const fields = Object.fromEntries(
    Object.entries(record.fields).map(([name, field]) => [name, { ...field, label }]),
  )
  return {
    record: recordWith({
      kind: made.kind as DataRecord['kind'],
      dataset: made.dataset,
      originator: made.originator,
      envelope: {
        ...record.envelope,
        asOf: made.asOf,
        ...(made.confidence !== undefined && { confidence: made.confidence }),
        ...(made.regimes !== undefined && { jurisdiction: made.regimes }),
      },
      fields: { ...made.named, ...fields },
    }),
    field: made.field,
    recipient: made.recipient,
    purpose: made.purpose as Question['purpose'],
    // From 2025-12-01.
    atMs: 1_764_547_200_000 + made.day * 86_400_000 + made.ms,
    sender: 'USA',
  }
}
