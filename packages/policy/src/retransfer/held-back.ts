import type { Nation } from '@entente/schema'
import type { CompiledPolicy } from '../compile.ts'
import type { RecordQuestion } from '../decider.ts'
import { factsOf, recordFactsOf } from '../question.ts'
import { retransfersOf } from './retransfer-gate.ts'

/** Fields of a record that some originator does not let go to the recipient, and which nations those are; for auditors. */
export function heldBackFor(
  question: RecordQuestion,
  policy: CompiledPolicy,
): Readonly<Record<string, readonly Nation[]>> {
  const { originator, envelope, fields } = question.record
  const isOwn =
    originator === policy.nation &&
    envelope.derivedFrom === undefined &&
    Object.values(fields).every(({ terms }) => terms === undefined)
  if (isOwn) return {}
  const record = recordFactsOf(question.record)
  const held: Record<string, readonly Nation[]> = {}
  for (const field of Object.keys(fields)) {
    const by = retransfersOf(factsOf({ ...question, field }, record, policy), policy.nation)
      .filter(({ state }) => state === 'missing' || state === 'forbidden')
      .map(({ originator }) => originator)
    if (by.length > 0) held[field] = by
  }
  return held
}
