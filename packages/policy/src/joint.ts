import type { DataRecord, JointKind, Label, Nation } from '@entente/schema'
import type { CompiledPolicy } from './compile.ts'
import { formatIsoInstant } from './dates.ts'
import { type Decision, decide } from './decide.ts'

/** What is to be written into a joint document, as far as a decision looks at it. */
export interface JointQuestion {
  readonly kind: JointKind
  /** Name by which the writer's own policy decides. */
  readonly dataset: string
  readonly label: Label
  /** All members but the writer. */
  readonly recipients: readonly Nation[]
  /** What is written, by the names that the policy has for it. */
  readonly fields: readonly string[]
  readonly writer: Nation
  readonly atMs: number
}

/** A member that may not have what is to be written. */
export interface JointRefusal {
  readonly recipient: Nation
  readonly field: string
  readonly decision: Decision
}

/** A document is decided on as a record of the kind that it is most like, so that rows for that kind hold for it. */
const recordKinds = {
  requirement: 'gap',
  buy: 'item',
  actions: 'engagement',
} as const satisfies Record<JointKind, DataRecord['kind']>

/**
 * Whom the policy keeps this from. Empty: every member may have all of it, as it is. What would have to be coarsened, approved or limited
 * to roles for some member is kept from it: in a document that all share there is one value for all. Pure.
 */
export function refusedInJoint(question: JointQuestion, policy: CompiledPolicy): JointRefusal[] {
  const { kind, dataset, label, recipients, fields, writer, atMs } = question
  const record: DataRecord = {
    id: `urn:entente:${'0'.repeat(32)}`,
    kind: recordKinds[kind],
    originator: writer,
    dataset,
    envelope: {
      asOf: formatIsoInstant(atMs),
      status: 'active',
      source: { document: 'joint document' },
      handling: { originator_control: false, onward_release: 'none' },
    },
    fields: Object.fromEntries(fields.map((field) => [field, { value: null, label }])),
  }
  return recipients.flatMap((recipient) =>
    fields.flatMap((field) => {
      const decision = decide(
        { record, field, recipient, purpose: 'use', atMs, sender: writer },
        policy,
      )
      return decision.effect === 'permit' && decision.roles === null
        ? []
        : [{ recipient, field, decision }]
    }),
  )
}
