import type { DataRecord } from '@entente/schema'
import { compilePolicy } from './compile.ts'
import { parseIsoDate } from './dates.ts'
import { decide, levelOf } from './decide.ts'
import type { PolicyDocument, PolicyTest } from './document.ts'

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
      policy,
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

/** A record of one field that has what the test states and is otherwise ordinary. */
function recordOf({ record, field }: PolicyTest, { nation }: PolicyDocument): DataRecord {
  return {
    id: `urn:entente:${'0'.repeat(32)}`,
    kind: record.kind,
    originator: record.originator ?? nation,
    dataset: record.dataset,
    envelope: {
      asOf: '1970-01-01',
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
