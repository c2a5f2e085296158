import type { DataRecord } from '@entente/schema'
import { type CompiledPolicy, compilePolicy, withRegister } from './compile.ts'
import { parseIsoDate } from './dates.ts'
import { decide, levelOf } from './decide.ts'
import type { PolicyDocument, PolicyTest } from './document.ts'
import { compileRegister } from './register/compile.ts'

export interface FailingTest {
  readonly index: number
  readonly message: string
}

/** Runs the tests that a policy carries; without `at` a test is asked at the policy's first moment. */
export function failingTests(document: PolicyDocument): readonly FailingTest[] {
  const policy = compilePolicy(document)
  return document.tests.flatMap((test, index): FailingTest[] => {
    const { field, recipient, purpose = 'use' } = test
    const atMs = test.at === undefined ? policy.fromMs : (parseIsoDate(test.at) ?? Number.NaN)
    const record = recordOf(test, document)
    const decision = decide(
      { record, field, recipient, purpose, atMs, sender: document.nation },
      coveredBy(test, policy),
    )
    const level = levelOf(decision)
    if (decision.effect === test.expect && (test.level === undefined || test.level === level))
      return []
    const wanted = [test.expect, test.level].filter(Boolean).join(' ')
    const found = decision.effect === 'transform' ? `transform ${level}` : decision.effect
    return [
      {
        index,
        message: `${field} for ${recipient}: expected ${wanted}, found ${found} (${decision.because.join(', ')})`,
      },
    ]
  })
}

/** The policy beside a register whose agreements, named by the test, cover all that it asks. */
function coveredBy(
  { agreements = [], recipient, record, purpose = 'use' }: PolicyTest,
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
    }),
  )
}

/** A record of one field that has what the test states and is otherwise ordinary. */
function recordOf({ record, field, at }: PolicyTest, { nation, from }: PolicyDocument): DataRecord {
  return {
    id: `urn:entente:${'0'.repeat(32)}`,
    kind: record.kind,
    originator: record.originator ?? nation,
    dataset: record.dataset,
    envelope: {
      asOf: record.asOf ?? at ?? from,
      status: record.status ?? 'active',
      source: { document: 'policy test' },
      handling: { originator_control: false, onward_release: 'none' },
      ...(record.confidence !== undefined && { confidence: record.confidence }),
      ...(record.regimes !== undefined && {
        jurisdiction: record.regimes.map((regime) => ({ regime })),
      }),
    },
    fields: {
      [field]: { value: true, label: record.label, ...(record.conflict && { conflict: true }) },
    },
  }
}
