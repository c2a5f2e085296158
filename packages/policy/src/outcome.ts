import { fieldsOf, type Kind } from '@entente/schema'
import type { CompiledPolicy } from './compile.ts'
import { type Decision, levelOf } from './decide.ts'

/** What comes of a field for a nation, from nothing to the exact value: each says more than the one before. */
export const outcomes = ['nothing', 'approve', 'coarse', 'fine', 'exact'] as const
export type Outcome = (typeof outcomes)[number]

/** How much more one outcome says than another; below zero: less. */
export const gainOf = (before: Outcome, after: Outcome): number =>
  outcomes.indexOf(after) - outcomes.indexOf(before)

/** What a decision lets go; redacted, denied and not spoken of look the same. */
export function outcomeOf(decision: Decision): Outcome {
  if (decision.effect === 'approve') return 'approve'
  const level = levelOf(decision)
  return level === 'redact' ? 'nothing' : level
}

/** The same for a field of a kind, whatever its value: a band goes only where the policy has bands for the field. */
export function outcomeFor(
  decision: Decision,
  kind: Kind,
  field: string,
  { bands }: CompiledPolicy,
): Outcome {
  const outcome = outcomeOf(decision)
  if (outcome !== 'fine' && outcome !== 'coarse') return outcome
  const definitions = fieldsOf(kind)
  const type = Object.hasOwn(definitions, field) ? definitions[field]?.bandType : undefined
  return type !== undefined && bands.get(type)?.has(outcome) ? outcome : 'nothing'
}
