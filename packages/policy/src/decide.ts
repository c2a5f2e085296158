import { joinLimits, type Role } from '@entente/schema'
import type { CompiledPolicy } from './compile.ts'
import type { Row, Transform } from './document.ts'
import { type Gate, labelGate } from './label-gate.ts'
import { legalGate } from './legal-gate.ts'
import { joinLevels, type Level, levelOfTransform, transformTo } from './levels.ts'
import {
  type Effect,
  type Facts,
  factsAt,
  fieldFactsOf,
  type Question,
  recordFactsOf,
} from './question.ts'
import { consentsOn } from './retransfer/consents.ts'
import { consentedTransform } from './retransfer/retransfer-gate.ts'
import { bearingOf } from './rows.ts'
import { consentGate } from './supplier/gate.ts'

/** Why an effect holds: a fact that a gate found, or a row. */
export interface Finding {
  readonly gate: 'label' | 'legal' | 'consent' | 'rules'
  readonly effect: Effect
  readonly name: string
  readonly row?: Row
  /** How far it coarsens; of a `transform` alone. */
  readonly transform?: Transform
  /** The row releases something by itself; a transform row may also only coarsen what others release. */
  readonly releases?: boolean
  /** Of what releases: the roles that may read it, once all that limits them is joined; absent: every role. */
  readonly roles?: readonly Role[]
}

/** The answer to a question. */
export interface Decision {
  readonly effect: Effect
  /** Facts and reason codes that gave the effect, sorted. */
  readonly because: readonly string[]
  /** Ids of all rows that matched, whatever their effect, sorted. */
  readonly rules: readonly string[]
  /** Join of the transforms of all matching rows; null unless the effect is `transform`. */
  readonly transform: Transform | null
  /** Ground that the recipient is shown; null unless something goes. */
  readonly authority: string | null
  /** Only people of these roles at the recipient, sorted; null: of every role, or nothing goes. */
  readonly roles: readonly Role[] | null
  /** First moment at which effect, transform, authority or roles change; null: never. */
  readonly validUntil: number | null
}

/** What of a decision has a time until which it holds. */
type Outcome = Pick<Decision, 'effect' | 'transform' | 'authority' | 'roles'>

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
  const field = fieldFactsOf(question.record, question.field)
  const consents = consentsOn(policy, question.record)
  const findings = findingsAt(question.atMs)
  const outcome = combine(findings)
  const ends = consents.map(({ consent }) => consent.until)
  const cuts = ends.length === 0 ? policy.cuts : [...policy.cuts, ...ends].sort((a, b) => a - b)
  const later = cuts.find((cut) => cut > question.atMs && !alike(outcome, combine(findingsAt(cut))))
  return {
    effect: outcome.effect,
    because: becauseOf(findings, outcome.effect),
    rules: findings.flatMap(({ row }) => (row === undefined ? [] : [row.id])),
    transform: outcome.transform,
    authority: outcome.authority,
    roles: outcome.roles,
    validUntil: later ?? null,
  }

  function findingsAt(atMs: number): readonly Finding[] {
    return findingsOf(factsAt(atMs, question, record, field, policy, consents), policy).filter(
      counts,
    )
  }
}

const entriesOf = (gate: 'label' | 'legal' | 'consent', table: Gate) =>
  Object.entries(table).map(([name, find]) => ({ gate, name, find }))
const gateEntries = [
  ...entriesOf('label', labelGate),
  ...entriesOf('legal', legalGate),
  ...entriesOf('consent', consentGate),
]

/** All findings of all gates: none ends the search, so that the trace is whole. */
export function findingsOf(facts: Facts, policy: CompiledPolicy): readonly Finding[] {
  const findings: Finding[] = []
  for (const { gate, name, find } of gateEntries) {
    const effect = find(facts, policy)
    if (effect !== null) findings.push({ gate, effect, name })
  }
  matchRows(facts, policy, findings)
  return findings
}

/**
 * Gate 3. Transform rows coarsen only what a row releases; so do the limits of roles, which are joined with those of the supplier: what they
 * have in common may read, and where that is nobody, nothing goes.
 */
function matchRows(facts: Facts, policy: CompiledPolicy, findings: Finding[]): void {
  const matched: Finding[] = []
  let isReleased = false
  for (const compiled of policy.rows) {
    const bearing = bearingOf(compiled, facts)
    if (bearing === null) continue
    const { row } = compiled
    const { effect, reasonCode: name } = row
    const releases = bearing === 'matches' && (effect === 'permit' || effect === 'transform')
    if (releases) isReleased = true
    const transform = row.effect === 'transform' && { transform: row.transform }
    matched.push({ gate: 'rules', effect, name, row, releases, ...transform })
  }
  if (!isReleased) {
    findings.push(...matched.filter(({ effect }) => effect === 'deny' || effect === 'approve'))
    return
  }
  const consented = consentedTransform(facts, policy.nation)
  if (consented !== null)
    findings.push({
      gate: 'label',
      effect: 'transform',
      name: consentCoarsens,
      transform: consented,
    })
  let limit = facts.supplierConsent?.roles ?? null
  for (const { row } of matched)
    if (row?.effect === 'permit' || row?.effect === 'transform')
      limit = joinLimits(limit, row.roles ?? null)
  for (const finding of matched)
    findings.push(finding.releases && limit !== null ? { ...finding, roles: limit } : finding)
  if (limit?.length === 0) findings.push({ gate: 'rules', effect: 'deny', name: NO_ROLE })
}

/** Limits that leave nobody. */
export const NO_ROLE = 'no role may read it under every limit'

/** A consent that is for a coarser value than rows would give. */
const consentCoarsens = 'originator consents to a coarser value only'

const strength: readonly Effect[] = ['permit', 'transform', 'approve', 'deny']

/** What findings together give at their moment. */
export function combine(findings: readonly Finding[]): Outcome {
  let strongest = -1
  for (const { effect } of findings) strongest = Math.max(strongest, strength.indexOf(effect))
  // Silence denies.
  const effect = strength[strongest] ?? 'deny'
  return {
    effect,
    transform: effect === 'transform' ? joined(findings) : null,
    authority: effect === 'permit' || effect === 'transform' ? groundOf(findings) : null,
    roles: effect === 'permit' || effect === 'transform' ? rolesOf(findings) : null,
  }
}

function becauseOf(findings: readonly Finding[], effect: Effect): readonly string[] {
  const names = findings.filter((f) => f.effect === effect).map(({ name }) => name)
  return names.length === 0 ? [silence] : [...new Set(names)].sort()
}

/** The reason of a default denial. */
const silence = 'no rule permits it'

/** How much of the value a decision lets go. */
export function levelOf({ effect, transform }: Pick<Outcome, 'effect' | 'transform'>): Level {
  if (effect === 'permit') return 'exact'
  return effect === 'transform' && transform !== null ? levelOfTransform(transform) : 'redact'
}

function joined(findings: readonly Finding[]): Transform {
  let level: Level = 'exact'
  for (const { transform } of findings)
    if (transform !== undefined) level = joinLevels(level, levelOfTransform(transform))
  return transformTo(level === 'exact' ? 'redact' : level)
}

/** The authority of the first row, by id, that releases. */
const groundOf = (findings: readonly Finding[]) =>
  findings.find((finding) => finding.releases)?.row?.authority ?? null

const rolesOf = (findings: readonly Finding[]) =>
  findings.find((finding) => finding.releases)?.roles ?? null

const alike = (a: Outcome, b: Outcome) =>
  a.effect === b.effect &&
  a.authority === b.authority &&
  levelOf(a) === levelOf(b) &&
  a.roles?.join() === b.roles?.join()
