import type { DataRecord } from '@entente/schema'
import fc from 'fast-check'
import { expect } from 'vitest'
import { compilePolicy } from '../src/compile.ts'
import { parseIsoDate } from '../src/dates.ts'
import { diffPolicies, momentsOf, type PolicyDiff } from '../src/diff.ts'
import type { PolicyDocument, Row } from '../src/document.ts'
import { type Answered, answerFor, movedRoles, nothing } from '../src/outcome.ts'
import { document, question } from './arbitrary.ts'
import { documentWith, october } from './fixtures.ts'

/** @param fromMs null: only what is held */
export function diff(
  before: PolicyDocument | null,
  after: PolicyDocument,
  records: Iterable<DataRecord> = [],
  fromMs: number | null = october,
): PolicyDiff {
  const [old, fresh] = [before === null ? null : compilePolicy(before), compilePolicy(after)]
  return diffPolicies({
    before: old,
    after: fresh,
    nation: 'USA',
    records,
    at: { beforeMs: fromMs ?? october, afterMs: fromMs ?? october },
    moments: fromMs === null ? [] : momentsOf(old, fresh, fromMs),
  })
}

const base = documentWith()

/** Groups as they are, with one nation out of one of them, or there until a day. */
const groups = fc
  .tuple(
    fc.constantFrom('AUKUS', 'NATO', 'PARTNERS'),
    fc.constantFrom('AUS', 'GBR', 'NOR'),
    fc.constantFrom(undefined, undefined, 'out', '2026-09-01', '2027-02-01'),
  )
  .map(([code, nation, end]) => ({
    ...base.groups,
    [code]: (base.groups[code] ?? []).flatMap((stay) =>
      stay.nation !== nation || end === undefined
        ? [stay]
        : end === 'out'
          ? []
          : [{ ...stay, until: end }],
    ),
  }))
/** Conditions that the common rows have not. */
const more = fc.oneof(
  fc.constant({}),
  fc.constant({ releasableTo: { intersects: ['NATO', 'GBR'] } }),
  fc.constant({ purpose: { in: ['use', 'display'] } }),
  fc.constant({ kind: { in: ['capability'] } }),
  fc.constant({ dataset: { notIn: ['needs'] } }),
  fc.constant({ originator: { in: ['USA'] } }),
)
/** Any edition of a policy of the USA. */
export const edition = fc.tuple(document, groups, more).map(
  ([policy, table, match]): PolicyDocument => ({
    ...policy,
    groups: table,
    rules: policy.rules.map((each, i) =>
      i === 0 && each.effect === 'permit' ? { ...each, match: { ...each.match, ...match } } : each,
    ) as Row[],
  }),
)

/**
 * Asks any two policies any questions, and expects every difference among the sorts that their comparison names.
 * @returns how many were asked, and how many differed: a run that meets none shows nothing
 */
export function expectEveryDifference(numRuns: number): { differences: number; questions: number } {
  const seen = { differences: 0, questions: 0 }
  fc.assert(
    fc.property(
      edition,
      fc.option(edition, { nil: null }),
      fc.array(question, { minLength: 200, maxLength: 200 }),
      (after, before, asked) => {
        const { boundary } = diff(before, after, [], parseIsoDate(after.from) ?? 0)
        // Of what is too much to ask nothing is promised but that it counts as more.
        fc.pre(boundary.complete)
        const [a, b] = [before === null ? null : compilePolicy(before), compilePolicy(after)]
        for (const one of asked) {
          const { record: about, field, recipient, atMs } = one
          if (
            about.originator !== 'USA' ||
            recipient === 'USA' ||
            about.envelope.status !== 'active'
          )
            continue
          if (about.fields[field]?.conflict || atMs < b.fromMs || atMs >= b.untilMs) continue
          const said = (policy: typeof a): Answered =>
            policy === null ? nothing : answerFor(one, policy)
          const [was, now] = [said(a), said(b)]
          seen.questions++
          const roles = movedRoles(was, now)
          if (was.outcome === now.outcome && roles === undefined) continue
          seen.differences++
          const found = boundary.changes.filter(
            (change) =>
              change.before === was.outcome &&
              change.after === now.outcome &&
              JSON.stringify(change.roles) === JSON.stringify(roles) &&
              change.nations.includes(recipient) &&
              change.fields.includes(`${about.kind}.${field}`),
          )
          expect(found.length, JSON.stringify([one, was, now])).toBeGreaterThan(0)
        }
      },
    ),
    // Each run asks very much: a failure is shown as it is met.
    { numRuns, endOnFailure: true },
  )
  return seen
}
