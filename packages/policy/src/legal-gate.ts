import type { Gate } from './label-gate.ts'

/** Gate 2: export-control law. A tagged record needs an agreement in force that covers all of the question; others pass. */
export const legalGate = {
  'no agreement in force covers the tagged items of the record': ({ record, agreements }) =>
    record.tagged.length > 0 && agreements.length === 0 ? 'deny' : null,
} as const satisfies Gate
