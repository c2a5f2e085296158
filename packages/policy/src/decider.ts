import type { DataRecord } from '@entente/schema'
import { type CompiledPolicy, intervalOf } from './compile.ts'
import { parseIsoDate } from './dates.ts'
import { type Decision, decide, decideApproved } from './decide.ts'
import { type Question, recordFactsOf } from './question.ts'

/** A question about a whole record: its fields are asked one by one. */
export type RecordQuestion = Omit<Question, 'field'>

/** Decides with a memory. */
export interface Decider {
  readonly policy: CompiledPolicy
  readonly decide: (question: Question) => Decision
  /** The same, for many fields of one record: what they share is read once. */
  readonly decideFields: (question: RecordQuestion) => (field: string) => Decision
  /** What is decided of a field that waits for approval, once it has it (`decideApproved`). */
  readonly decideApproved: (question: Question) => Decision
}

/** Distinct questions remembered at most: labels made up one by one must not fill the memory. */
const capacity = 100_000

/**
 * A decider that remembers answers by exactly what gates and rows read and the date interval, so that cost follows
 * distinct labels, not records. Gives what `decide` gives.
 */
export function createDecider(policy: CompiledPolicy): Decider {
  const memory = new Map<string, Decision>()
  const readsField = policy.reads.has('field')
  const intervals = new Map<string, number>()
  const asOfInterval = (asOf: string): number => {
    const known = intervals.get(asOf)
    if (known !== undefined) return known
    const asOfMs = parseIsoDate(asOf)
    const interval = asOfMs === null ? -1 : intervalOf(policy, asOfMs)
    if (intervals.size >= capacity) intervals.clear()
    intervals.set(asOf, interval)
    return interval
  }

  const decideFields: Decider['decideFields'] = (question) => {
    const shared = sharedKeyOf(question, policy, asOfInterval)
    return (field) => {
      const key = `${readsField ? field : ''}|${fieldKeyOf(question.record, field)}|${shared}`
      const known = memory.get(key)
      if (known !== undefined) return known
      const decision = decide({ ...question, field }, policy)
      if (memory.size >= capacity) memory.clear()
      memory.set(key, decision)
      return decision
    }
  }
  return {
    policy,
    decideFields,
    decide: ({ field, ...rest }) => decideFields(rest)(field),
    decideApproved: (question) => decideApproved(question, policy),
  }
}

/** All that gates and rows read of one field but its name. */
function fieldKeyOf({ fields }: DataRecord, name: string): string {
  const field = Object.hasOwn(fields, name) ? fields[name] : undefined
  if (field === undefined) return ''
  const { label, terms, conflict } = field
  const rest = `${terms?.originator ?? ''}${conflict === true ? '!' : ''}`
  const original = (label.original ?? []).join('//')
  return `${label.classification}(${label.releasableTo.join()})${label.caveats.join()}|${original}|${rest}`
}

/** All that gates and rows read beside the field; of what only rows read, no more than these rows read. */
function sharedKeyOf(
  question: RecordQuestion,
  policy: CompiledPolicy,
  asOfInterval: (asOf: string) => number,
): string {
  const { recipient, sender, purpose, atMs } = question
  const { kind, confidence, asOf, ...always } = recordFactsOf(question.record)
  return JSON.stringify([
    recipient,
    sender,
    purpose,
    intervalOf(policy, atMs),
    // What reads the record's date, reads which side of a cut it is on.
    asOfInterval(asOf),
    always,
    policy.reads.has('kind') ? kind : null,
    policy.reads.has('confidence') ? confidence : null,
  ])
}
