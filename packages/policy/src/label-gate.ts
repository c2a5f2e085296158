import { caveats, rankOf } from '@entente/schema'
import type { CompiledPolicy } from './compile.ts'
import { parseIsoDate } from './dates.ts'
import { equivalentOf } from './labels/equivalence.ts'
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
  'recipient joined the group after the date of the record: the past needs approval': (
    facts,
    policy,
  ) => (!isOnly(facts) && isLate(facts, policy) ? 'approve' : null),
  'ONLY: recipient joined the group after the date of the record': (facts, policy) =>
    denyIf(isOnly(facts) && isLate(facts, policy)),
  'ONLY: nothing may be passed on': (facts) =>
    denyIf(isOnly(facts) && facts.purpose === 'retransfer'),
  'NOFORN: recipient is foreign': ({ label, recipient, record }) =>
    denyIf(label?.caveats.includes('NOFORN') && recipient !== record.originator),
  'ORCON: sender is not the originator': ({ label, sender, recipient, record, termsOriginator }) =>
    denyIf(
      label?.caveats.includes('ORCON') &&
        // What is another's, in whole or in part, only goes home.
        [record.originator, termsOriginator ?? sender, ...record.derivedFrom].some(
          (origin) => origin !== sender && origin !== recipient,
        ),
    ),
  'label has an unknown caveat': ({ label }) =>
    denyIf(label?.caveats.some((caveat) => !caveats.includes(caveat))),
  'original marking has no equivalent in force as low as the classification': (
    { label, record, atMs },
    policy,
  ) =>
    denyIf(
      label?.original?.some((marking) => {
        const found = equivalentOf(marking, { atMs, issuedMs: asOfMs(record) }, policy.equivalences)
        return !found.ok || rankOf(found.classification) > rankOf(label.classification)
      }),
    ),
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

const isOnly = ({ label }: GateFacts) => label?.caveats.includes('ONLY') === true

/** A date that is none is in no span, so that nothing rests on it. */
const asOfMs = ({ asOf }: GateFacts['record']) => parseIsoDate(asOf) ?? Number.NaN

/** Whether the label reaches the recipient only by groups that it was not in on the date of the record. */
function isLate(
  { label, recipient, record, atMs }: GateFacts,
  { groups }: CompiledPolicy,
): boolean {
  const names = label?.releasableTo ?? []
  if (names.includes(recipient)) return false
  const own = names.filter((name) => groups.has(name, recipient, atMs))
  const date = asOfMs(record)
  return own.length > 0 && !own.some((name) => groups.means(name, recipient, atMs, date))
}
