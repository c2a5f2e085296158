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
import { withConsents } from '../src/retransfer/consents.ts'
import { label, register, roleLimit, supply } from './arbitrary.ts'
import { documentWith, record, recordWith } from './fixtures.ts'
import { type Came, cameFrom, foreignId, headOf, sealed } from './foreign.ts'

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
  origins: ['AUS', 'CAN', 'GBR'],
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
        { kind: 'country' },
        { kind: 'pseudonym' },
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

/** Consents about few records, so that some cover a question and most do not. */
const consent = fc
  .record({
    nation: fc.constantFrom('AUS', 'CAN', 'GBR'),
    number: fc.constantFrom(1, 2),
    fields: some(codes.field),
    transform: fc.constantFrom(null, 'fine', 'coarse'),
    derived: fc.boolean(),
    recipients: some(codes.recipient),
    purpose: fc.constantFrom('use', 'display'),
    until: fc.constantFrom(...dates.map((date) => Date.parse(date))),
  })
  .map(({ number, ...made }) =>
    sealed({ ...made, record: foreignId(made.nation, number), head: headOf(made.nation, number) }),
  )

/** A policy of any rows, beside a register and consents of others. */
export const anyPolicy: fc.Arbitrary<CompiledPolicy> = fc
  .tuple(
    fc.array(consent, { maxLength: 4 }),
    register,
    ...Array.from({ length: 8 }, (_, i) => anyRow(`row-${i}`)),
  )
  .map(([consents, agreements, ...rules]) => {
    const datasets = { ...base.datasets, needs: { mode: 'live' as const, title: 'Needs' } }
    const alone = compilePolicy({ ...base, datasets, rules })
    return withConsents(withRegister(alone, compileRegister(agreements)), consents)
  })

const regimes = fc.oneof(
  fc.constant(undefined),
  some(codes.regimes, 0).map((list) => list.map((regime) => Jurisdiction.parse({ regime }))),
)

const came: fc.Arbitrary<Came | undefined> = fc.oneof(
  fc.constant(undefined),
  fc.record({
    from: some(codes.origins),
    onward: fc.constantFrom('free', 'same-group', 'ask', 'none'),
    value: fc.constantFrom('same', 'other', 'unknown'),
    terms: fc.boolean(),
    number: fc.constantFrom(1, 2),
  }),
)

/** Any question; also about a field that the record has not, a nation and a dataset that the policy does not name. */
export const anyQuestion: fc.Arbitrary<Question> = fc
  .record({
    kind: fc.constantFrom(...codes.kind),
    dataset: fc.constantFrom(...codes.dataset, 'elsewhere'),
    originator: fc.constantFrom(...codes.originator, 'FRA'),
    confidence: fc.constantFrom(undefined, ...codes.confidence),
    regimes,
    came,
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
  came: Came | undefined
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
  const own = recordWith({
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
  })
  return {
    record: made.came === undefined ? own : cameFrom(own, made.came),
    field: made.field,
    recipient: made.recipient,
    purpose: made.purpose as Question['purpose'],
    // From 2025-12-01.
    atMs: 1_764_547_200_000 + made.day * 86_400_000 + made.ms,
    sender: 'USA',
  }
}
