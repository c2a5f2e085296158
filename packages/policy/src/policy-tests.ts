import { type DataRecord, digestOf, type Nation } from '@entente/schema'
import { type CompiledPolicy, compilePolicy, withRegister } from './compile.ts'
import { parseIsoDate } from './dates.ts'
import type { PolicyDocument, PolicyTest, Purpose } from './document.ts'
import { explainDecision, type FieldExplanation } from './explain.ts'
import { compileRegister } from './register/compile.ts'
import { supplierOfTest, withSupplier } from './supplier/of-test.ts'

export interface FailingTest {
  readonly index: number
  readonly message: string
}

/** One test of a policy, asked. */
export interface TestResult {
  readonly index: number
  readonly passed: boolean
  readonly kind: string
  readonly field: string
  readonly recipient: Nation
  readonly purpose: Purpose
  readonly atMs: number
  /** Effect, with the level of a transform: `permit`, `transform fine`. */
  readonly expected: string
  readonly found: string
  /** Row, gate, nearest miss and words of what was found. */
  readonly why: FieldExplanation
}

/** Runs the tests that a policy carries; without `at` a test is asked at the policy's first moment. */
export function runTests(document: PolicyDocument): readonly TestResult[] {
  const policy = compilePolicy(document)
  return document.tests.map((test, index): TestResult => {
    const { field, recipient, purpose = 'use' } = test
    const atMs = test.at === undefined ? policy.fromMs : (parseIsoDate(test.at) ?? Number.NaN)
    const record = recordOf(test, document)
    const why = explainDecision(
      { record, field, recipient, purpose, atMs, sender: document.nation },
      coveredBy(test, policy),
    )
    const { effect, level } = why
    return {
      index,
      passed: effect === test.expect && (test.level === undefined || test.level === level),
      kind: record.kind,
      field,
      recipient,
      purpose,
      atMs,
      expected: [test.expect, test.level].filter(Boolean).join(' '),
      found: effect === 'transform' ? `transform ${level}` : effect,
      why,
    }
  })
}

/** The tests of a policy that do not come out as their author expects. */
export function failingTests(document: PolicyDocument): readonly FailingTest[] {
  return runTests(document)
    .filter(({ passed }) => !passed)
    .map(({ index, field, recipient, expected, found, why }) => ({
      index,
      message: `${field} for ${recipient}: expected ${expected}, found ${found} (${why.because.join(', ')})`,
    }))
}

/** The records that the tests of a policy are about. */
export const testRecords = (document: PolicyDocument): readonly DataRecord[] =>
  document.tests.map((test) => recordOf(test, document))

/** The policy beside a register whose agreements, named by the test, and whose supplier, where it has consented, cover all that it asks. */
function coveredBy(
  { agreements = [], consented, recipient, record, purpose = 'use' }: PolicyTest,
  policy: CompiledPolicy,
): CompiledPolicy {
  const { nation, edition, from, until } = policy.document
  return withRegister(
    policy,
    compileRegister({
      nation,
      edition,
      from,
      until,
      agreements: agreements.map((id) => ({
        id,
        title: id,
        type: 'blanket',
        parties: [{ nation: recipient }],
        ...(record.regimes !== undefined && {
          items: record.regimes.map((regime) => ({ regime })),
        }),
        uses: [purpose],
        ceiling: 'TOP SECRET',
        effective: from,
        expires: until,
      })),
      ...(consented && supplierOfTest([recipient], [purpose], from, until)),
    }),
  )
}

const foreignId = `urn:entente:${'f'.repeat(32)}`

/** Terms under which a test's record came. */
function termsOf({
  origins = [],
  onward: onward_release = 'ask',
  unchanged,
}: PolicyTest['record']): Pick<DataRecord['fields'][string], 'terms'> {
  const [originator, ...others] = origins
  if (originator === undefined) return {}
  const received = { record: foreignId, head: digestOf('head'), value: digestOf(true) }
  return {
    terms: {
      originator,
      onward_release,
      ...(unchanged && { received }),
      ...(others.length > 0 && {
        others: others.map((each) => ({ originator: each, onward_release })),
      }),
    },
  }
}

/** A record of one field that has what the test states and is otherwise ordinary. */
function recordOf(test: PolicyTest, { nation, from }: PolicyDocument): DataRecord {
  const { record, field, at } = test
  const made: DataRecord = {
    id: `urn:entente:${'0'.repeat(32)}`,
    kind: record.kind,
    originator: record.originator ?? nation,
    dataset: record.dataset,
    envelope: {
      asOf: record.asOf ?? at ?? from,
      status: record.status ?? 'active',
      source: { document: 'policy test' },
      handling: { originator_control: false, onward_release: record.onward ?? 'none' },
      ...(record.origins !== undefined && {
        derivedFrom: record.origins.map((originator) => ({ record: foreignId, originator })),
      }),
      ...(record.confidence !== undefined && { confidence: record.confidence }),
      ...(record.regimes !== undefined && {
        jurisdiction: record.regimes.map((regime) => ({ regime })),
      }),
    },
    fields: {
      [field]: {
        value: true,
        label: record.label,
        ...termsOf(record),
        ...(record.conflict && { conflict: true }),
      },
    },
  }
  return test.consented ? withSupplier(made, field) : made
}
