import type { DataRecord } from '@entente/schema'
import type { CompiledPolicy } from './compile.ts'
import { type Decision, decide, decideApproved } from './decide.ts'
import { type Asked, type Case, createMemory, type Limits } from './memory.ts'
import type { Question } from './question.ts'
import { consentsOn } from './retransfer/consents.ts'

/** A question about a whole record: its fields are asked one by one. */
export type RecordQuestion = Omit<Question, 'field'>

/** Decides with a memory. */
export interface Decider {
  readonly policy: CompiledPolicy
  readonly decide: (question: Question) => Decision
  /** The same, for many fields of one record: what they share is read once. */
  readonly decideFields: (question: RecordQuestion) => (field: string) => Decision
  /** The same, for one record and many nations: what the record says is read once. It must not change meanwhile. */
  readonly openRecord: (record: DataRecord) => (asked: Asked) => (field: string) => Decision
  /** What is decided of a field that waits for approval, once it has it (`decideApproved`). */
  readonly decideApproved: (question: Question) => Decision
}

/** How a decider decides and remembers; tests and comparisons say otherwise. */
export interface DeciderOptions {
  readonly limits?: Limits
  /** What answers a question that is not remembered; `decide` unless said. */
  readonly decide?: typeof decide
  /** Told of every such question. */
  readonly onDecided?: () => void
}

/** 128 MB of tables at most. */
const defaultLimits: Limits = { cases: 2 ** 18, cells: 2 ** 25, decisions: 2 ** 16 }

/**
 * A decider that remembers answers by exactly what gates and rows read and the date interval, so that cost follows
 * distinct labels, not records. Gives what `decide` gives.
 */
export function createDecider(policy: CompiledPolicy, options: DeciderOptions = {}): Decider {
  const { limits = defaultLimits, onDecided, decide: ask = decide } = options
  let memory = createMemory(policy, limits)
  /** A full memory is left to those who are still reading it. */
  const current = () => {
    if (memory.isFull()) memory = createMemory(policy, limits)
    return memory
  }

  const openRecord: Decider['openRecord'] = (record) => {
    // A consent is about this record and no other.
    if (consentsOn(policy, record).length > 0)
      return (asked) => (field) => {
        onDecided?.()
        return ask({ ...asked, record, field }, policy)
      }
    let mine = current()
    let number = mine.recordOf(record)
    let cases = new Map<string, Case>()
    return (asked) => {
      if (mine !== current()) {
        mine = memory
        number = mine.recordOf(record)
        cases = new Map()
      }
      const [ours, known, table] = [mine, cases, mine.tableFor(asked)]
      const recordNumber = number
      return (field) => {
        let found = known.get(field)
        if (found === undefined) {
          found = ours.caseOf(recordNumber, record, field)
          known.set(field, found)
        }
        const remembered = table.get(found)
        if (remembered !== undefined) return remembered
        onDecided?.()
        return table.set(found, ask({ ...asked, record, field }, policy))
      }
    }
  }
  const decideFields: Decider['decideFields'] = ({ record, ...asked }) => openRecord(record)(asked)
  return {
    policy,
    openRecord,
    decideFields,
    decide: ({ field, ...question }) => decideFields(question)(field),
    decideApproved: (question) => decideApproved(question, policy),
  }
}
