import { type CompiledPolicy, intervalOf } from './compile.ts'
import { type Decision, decide } from './decide.ts'
import type { Attribute } from './document.ts'
import { factsOf, type Question, recordFactsOf } from './question.ts'
import { readers } from './rows.ts'

/** Decides with a memory. */
export interface Decider {
  readonly policy: CompiledPolicy
  readonly decide: (question: Question) => Decision
}

/** Distinct questions remembered at most: labels made up one by one must not fill the memory. */
const capacity = 100_000

/**
 * A decider that remembers answers by exactly what gates and rows read and the date interval, so that cost follows
 * distinct labels, not records. Gives what `decide` gives.
 */
export function createDecider(policy: CompiledPolicy): Decider {
  const memory = new Map<string, Decision>()
  const recordReads = [...policy.reads].filter((attribute) => ofRecord.has(attribute)).sort()
  const readsField = policy.reads.has('field')
  return {
    policy,
    decide: (question) => {
      const key = keyOf(question)
      const known = memory.get(key)
      if (known !== undefined) return known
      const decision = decide(question, policy)
      if (memory.size >= capacity) memory.clear()
      memory.set(key, decision)
      return decision
    },
  }

  function keyOf(question: Question): string {
    const { record, field, recipient, purpose, sender, atMs } = question
    const own = Object.hasOwn(record.fields, field) ? record.fields[field] : undefined
    const label =
      own === undefined
        ? ''
        : `${own.label.classification}(${own.label.releasableTo.join()})${own.label.caveats.join()}`
    const rest = `${own?.terms?.originator ?? ''}${own?.conflict === true ? '!' : ''}`
    return `${recordKeyOf(question)}|${readsField ? field : ''}|${label}|${rest}|${recipient}|${sender}|${purpose}|${intervalOf(policy, atMs)}`
  }

  function recordKeyOf(question: Question): string {
    const record = recordFactsOf(question.record)
    const facts = factsOf(question, record, policy)
    return JSON.stringify([
      record.dataset,
      record.originator,
      record.status,
      record.regimes,
      record.derivedFrom,
      ...recordReads.map((attribute) => readers[attribute](facts)),
    ])
  }
}

/** Attributes that all fields of a record share and that no gate reads. */
const ofRecord: ReadonlySet<Attribute> = new Set(['kind', 'confidence'])
