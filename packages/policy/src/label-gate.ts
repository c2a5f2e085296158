import { caveats, rankOf } from '@entente/schema'
import type { CompiledPolicy } from './compile.ts'
import type { GateFacts } from './question.ts'

/** Findings by the fact that makes them speak; auditors read that name as the reason. */
export type Gate = Readonly<
  Record<string, (facts: GateFacts, policy: CompiledPolicy) => 'deny' | 'approve' | null>
>

const denyIf = (fact: boolean | undefined) => (fact === true ? 'deny' : null)

/**
 * Gate 1: label, envelope and the policy's own frame. No rule row can overrule it.
 * COMMERCIAL is not here: a row releases such a field only if it says so (`rows.ts`).
 * @see STANAG 4774, CAPCO roll-up: restrictive means all, empty REL TO means the originator alone
 */
export const labelGate = {
  'policy is not in force': ({ atMs }, { fromMs, untilMs }) =>
    denyIf(!(fromMs <= atMs && atMs < untilMs)),
  'sender is not the nation of the policy': ({ sender }, { nation }) => denyIf(sender !== nation),
  'record is not active': ({ record }) => denyIf(record.status !== 'active'),
  'dataset is not in the policy': ({ record }, { datasets }) =>
    denyIf(!datasets.has(record.dataset)),
  'record has no such field': ({ label }) => denyIf(label === null),
  'recipient is not named in REL TO': ({ label, recipient, atMs }, { groups }) =>
    denyIf(
      label !== null &&
        !label.releasableTo.some((name) => name === recipient || groups.has(name, recipient, atMs)),
    ),
  'NOFORN: recipient is foreign': ({ label, recipient, record }) =>
    denyIf(label?.caveats.includes('NOFORN') && recipient !== record.originator),
  'ORCON: sender is not the originator': ({ label, sender, record }) =>
    denyIf(label?.caveats.includes('ORCON') && sender !== record.originator),
  'label has an unknown caveat': ({ label }) =>
    denyIf(label?.caveats.some((caveat) => !caveats.includes(caveat))),
  'no ceiling is set for the recipient': ({ recipient }, { ceilings }) =>
    denyIf(!ceilings.has(recipient)),
  'classification is above the ceiling of the recipient': ({ label, recipient }, { ceilings }) => {
    const ceiling = ceilings.get(recipient)
    if (label === null || ceiling === undefined) return null
    const rank = rankOf(label.classification)
    return denyIf(rank < 0 || rank > rankOf(ceiling))
  },
  'retransfer needs consent': ({ record, termsOriginator }, { nation }) =>
    denyIf(
      record.originator !== nation ||
        (termsOriginator !== null && termsOriginator !== nation) ||
        record.derivedFrom.some((source) => source !== nation),
    ),
  'concurrent edits disagree: a person must choose': ({ conflict }) =>
    conflict ? 'approve' : null,
} as const satisfies Gate
