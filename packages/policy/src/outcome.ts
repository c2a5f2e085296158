import { fieldsOf } from '@entente/schema'
import type { CompiledPolicy } from './compile.ts'
import { combine, type Decision, findingsOf, levelOf } from './decide.ts'
import { factsOf, type Level, type Question, recordFactsOf } from './question.ts'

/** What comes of a field for a nation: how much of it goes, at once or once officers have approved it. */
export const outcomes = [
  'nothing',
  'approve coarse',
  'approve fine',
  'approve exact',
  'coarse',
  'fine',
  'exact',
] as const
export type Outcome = (typeof outcomes)[number]

const levels = ['nothing', 'coarse', 'fine', 'exact'] as const
type Going = (typeof levels)[number]

/** The level of an outcome, without the question who must approve. */
export const goingOf = (outcome: Outcome): Going => outcome.replace('approve ', '') as Going
const asksOfficers = (outcome: Outcome): boolean => outcome.startsWith('approve')

/** A level that goes only once officers have approved it. */
export const withApproval = (outcome: Outcome): Outcome =>
  outcome === 'nothing' || asksOfficers(outcome)
    ? outcome
    : (`approve ${outcome as 'coarse' | 'fine' | 'exact'}` as const)

/**
 * How much more one outcome says than another. Above zero: a finer level, or no officer asked any more, even where something else became
 * stricter; below zero: it says less and nothing more.
 */
export function gainOf(before: Outcome, after: Outcome): number {
  const [was, now] = [before, after].map((outcome) => levels.indexOf(goingOf(outcome)))
  const finer = (now ?? 0) - (was ?? 0)
  const freed = asksOfficers(before) && !asksOfficers(after) && after !== 'nothing'
  const bound = asksOfficers(after) && !asksOfficers(before) && before !== 'nothing'
  if (finer > 0 || freed) return Math.max(finer, 0) + (freed ? 1 : 0)
  return finer - (bound ? 1 : 0)
}

/** What comes of a question, without the search for when that ends. */
function askOutcome(question: Question, policy: CompiledPolicy): Outcome {
  const findings = findingsOf(factsOf(question, recordFactsOf(question.record), policy), policy)
  const approved = findings.filter(({ effect }) => effect !== 'approve')
  return outcomeOf(combine(findings), combine(approved))
}

type Answer = Pick<Decision, 'effect' | 'transform' | 'authority'>

/** What comes of a decision. @param approved what is decided once officers have approved */
export const outcomeOf = (decision: Answer, approved: Answer): Outcome =>
  decision.effect === 'approve' ? withApproval(sent(levelOf(approved))) : sent(levelOf(decision))

/** Redacted, denied and not spoken of look the same. */
const sent = (level: Level): Going => (level === 'redact' ? 'nothing' : level)

/** The same for a field of a kind, whatever its value: a band goes only where the policy has bands for the field. */
export function outcomeFor(question: Question, policy: CompiledPolicy): Outcome {
  const outcome = askOutcome(question, policy)
  const level = goingOf(outcome)
  if (level !== 'fine' && level !== 'coarse') return outcome
  const definitions = fieldsOf(question.record.kind)
  const { field } = question
  const type = Object.hasOwn(definitions, field) ? definitions[field]?.bandType : undefined
  return type !== undefined && policy.bands.get(type)?.has(level) ? outcome : 'nothing'
}
