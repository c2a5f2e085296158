import { fieldsOf } from '@entente/schema'
import type { CompiledPolicy } from './compile.ts'
import { combine, findingsOf, levelOf } from './decide.ts'
import { factsOf, type Question, type RecordFacts, recordFactsOf } from './question.ts'

/** What comes of a field for a nation, from nothing to the exact value: each says more than the one before. */
export const outcomes = ['nothing', 'approve', 'coarse', 'fine', 'exact'] as const
export type Outcome = (typeof outcomes)[number]

/** How much more one outcome says than another; below zero: less. */
export const gainOf = (before: Outcome, after: Outcome): number =>
  outcomes.indexOf(after) - outcomes.indexOf(before)

/** What a decision lets go; redacted, denied and not spoken of look the same. */
function outcomeOf(decision: ReturnType<typeof combine>): Outcome {
  if (decision.effect === 'approve') return 'approve'
  const level = levelOf(decision)
  return level === 'redact' ? 'nothing' : level
}

/** What comes of a question, without the search for when that ends. */
export function askOutcome(
  question: Question,
  policy: CompiledPolicy,
  record: RecordFacts = recordFactsOf(question.record),
): Outcome {
  return outcomeOf(combine(findingsOf(factsOf(question, record, policy), policy)))
}

/** The same for a field of a kind, whatever its value: a band goes only where the policy has bands for the field. */
export function outcomeFor(question: Question, policy: CompiledPolicy): Outcome {
  const outcome = askOutcome(question, policy)
  const { bands } = policy
  const { field } = question
  const kind = question.record.kind
  if (outcome !== 'fine' && outcome !== 'coarse') return outcome
  const definitions = fieldsOf(kind)
  const type = Object.hasOwn(definitions, field) ? definitions[field]?.bandType : undefined
  return type !== undefined && bands.get(type)?.has(outcome) ? outcome : 'nothing'
}
