import type { CompiledPolicy } from './compile.ts'
import type { Row, Transform } from './document.ts'
import { type Gate, labelGate } from './label-gate.ts'
import { legalGate } from './legal-gate.ts'
import {
  type Effect,
  type Facts,
  factsOf,
  type Level,
  levels,
  type Question,
  recordFactsOf,
} from './question.ts'
import { bearingOf } from './rows.ts'

/** Why an effect holds: a fact that a gate found, or a row. */
export interface Finding {
  readonly gate: 'label' | 'legal' | 'rules'
  readonly effect: Effect
  readonly name: string
  readonly row?: Row
  /** The row releases something by itself; a transform row may also only coarsen what others release. */
  readonly releases?: boolean
}

/** The answer to a question. */
export interface Decision {
  readonly effect: Effect
  /** Facts and reason codes that gave the effect, sorted. */
  readonly because: readonly string[]
  /** Ids of all rows that matched, whatever their effect, sorted. */
  readonly rules: readonly string[]
  /** Coarsest transform of all matching rows; null unless the effect is `transform`. */
  readonly transform: Transform | null
  /** Ground that the recipient is shown; null unless something goes. */
  readonly authority: string | null
  /** First moment at which effect, transform or authority change; null: never. */
  readonly validUntil: number | null
}

type Answer = Omit<Decision, 'validUntil'>

/**
 * Decides one field for one recipient. Deny beats approve beats transform beats permit; silence denies.
 * Pure and total: the same question always gets the same decision, so an auditor can repeat it from the log.
 */
export function decide(question: Question, policy: CompiledPolicy): Decision {
  return decideBy(question, policy, () => true)
}

/**
 * The same, once enough officers have approved: what all rows and gates give that ask for no approval. A row that asks for one
 * releases nothing by itself.
 */
export function decideApproved(question: Question, policy: CompiledPolicy): Decision {
  return decideBy(question, policy, ({ effect }) => effect !== 'approve')
}

function decideBy(
  question: Question,
  policy: CompiledPolicy,
  counts: (finding: Finding) => boolean,
): Decision {
  const record = recordFactsOf(question.record)
  const answer = answerAt(question.atMs)
  const later = policy.cuts.find((cut) => cut > question.atMs && !alike(answer, answerAt(cut)))
  return { ...answer, validUntil: later ?? null }

  function answerAt(atMs: number): Answer {
    const facts = factsOf({ ...question, atMs }, record, policy)
    return combine(findingsOf(facts, policy).filter(counts))
  }
}

/** All findings of all gates: none ends the search, so that the trace is whole. */
export function findingsOf(facts: Facts, policy: CompiledPolicy): readonly Finding[] {
  return [
    ...consult('label', labelGate, facts, policy),
    ...consult('legal', legalGate, facts, policy),
    ...matchRows(facts, policy),
  ]
}

function consult(gate: 'label' | 'legal', table: Gate, facts: Facts, policy: CompiledPolicy) {
  const findings: Finding[] = []
  for (const name in table) {
    const effect = table[name]?.(facts, policy) ?? null
    if (effect !== null) findings.push({ gate, effect, name })
  }
  return findings
}

/** Gate 3. Transform rows coarsen only what a row releases. */
function matchRows(facts: Facts, policy: CompiledPolicy): readonly Finding[] {
  const findings: Finding[] = []
  for (const compiled of policy.rows) {
    const { row } = compiled
    const bearing = bearingOf(compiled, facts)
    if (bearing === null) continue
    const releases =
      bearing === 'matches' && (row.effect === 'permit' || row.effect === 'transform')
    findings.push({ gate: 'rules', effect: row.effect, name: row.reasonCode, row, releases })
  }
  return findings.some((finding) => finding.releases)
    ? findings
    : findings.filter((finding) => finding.effect !== 'transform')
}

const strength: readonly Effect[] = ['deny', 'approve', 'transform', 'permit']

/** What findings together give at their moment. */
export function combine(findings: readonly Finding[]): Answer {
  const effect = strength.find((candidate) => findings.some((f) => f.effect === candidate))
  const matched = findings.flatMap((finding) => finding.row ?? [])
  const rules = matched.map((row) => row.id)
  if (effect === undefined)
    return { effect: 'deny', because: [silence], rules, transform: null, authority: null }
  const because = findings.filter((f) => f.effect === effect).map((f) => f.name)
  return {
    effect,
    because: [...new Set(because)].sort(),
    rules,
    transform: effect === 'transform' ? coarsest(matched) : null,
    authority: effect === 'permit' || effect === 'transform' ? groundOf(findings) : null,
  }
}

/** The reason of a default denial. */
const silence = 'no rule permits it'

/** How much of the value a decision lets go. */
export function levelOf({ effect, transform }: Answer): Level {
  if (effect === 'permit') return 'exact'
  if (effect !== 'transform' || transform === null || transform.kind === 'redact') return 'redact'
  return transform.level
}

function coarsest(rows: readonly Row[]): Transform {
  let worst: Transform = { kind: 'band', level: 'fine' }
  for (const row of rows)
    if (row.effect === 'transform' && rankOf(row.transform) > rankOf(worst)) worst = row.transform
  return worst
}

const rankOf = (transform: Transform) =>
  levels.indexOf(transform.kind === 'redact' ? 'redact' : transform.level)

/** The authority of the first row, by id, that releases. */
const groundOf = (findings: readonly Finding[]) =>
  findings.find((finding) => finding.releases)?.row?.authority ?? null

const alike = (a: Answer, b: Answer) =>
  a.effect === b.effect && a.authority === b.authority && levelOf(a) === levelOf(b)
