import type { DataRecord } from '@entente/schema'
import type { CompiledPolicy } from './compile.ts'
import { type Decision, decideApproved } from './decide.ts'
import { createDecider } from './decider.ts'
import type { Asked } from './memory.ts'
import { type Answered, answeredOf } from './outcome.ts'

/** What comes of fields under one policy, with a memory: of alike questions one is decided. */
export interface Outcomes {
  readonly openRecord: (record: DataRecord) => (asked: Asked) => (field: string) => Answered
  /** Questions decided so far. */
  readonly asked: () => number
}

export function openOutcomes(policy: CompiledPolicy): Outcomes {
  let asked = 0
  const decider = createDecider(policy, { onDecided: () => asked++ })
  // Asked only of what waits for officers.
  const approving = createDecider(policy, { decide: decideApproved })
  const known = new WeakMap<Decision, Answered>()
  return {
    asked: () => asked,
    openRecord: (record) => {
      const open = decider.openRecord(record)
      let openApproved: ReturnType<typeof approving.openRecord> | undefined
      return (to) => {
        const ask = open(to)
        let askApproved: ((field: string) => Decision) | undefined
        return (field) => {
          // Equal decisions are one object.
          const decision = ask(field)
          if (decision.effect !== 'approve') {
            let outcome = known.get(decision)
            if (outcome === undefined) {
              outcome = answeredOf(decision, decision)
              known.set(decision, outcome)
            }
            return outcome
          }
          openApproved ??= approving.openRecord(record)
          askApproved ??= openApproved(to)
          return answeredOf(decision, askApproved(field))
        }
      }
    },
  }
}
