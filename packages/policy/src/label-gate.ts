import { caveats, rankOf } from '@entente/schema'
import type { CompiledPolicy } from './compile.ts'
import { parseIsoDate } from './dates.ts'
import { equivalentOf } from './labels/equivalence.ts'
import type { GateFacts } from './question.ts'
import { isGoingHome } from './retransfer/origins.ts'
import { isHeldBack } from './retransfer/retransfer-gate.ts'

/** Findings by the fact that makes them speak; auditors read that name as the reason. */
export type Gate = Readonly<
  Record<string, (facts: GateFacts, policy: CompiledPolicy) => 'deny' | 'approve' | null>
>

const denyIf = (fact: boolean | undefined) => (fact === true ? 'deny' : null)

/**
 * Gate 1: label, envelope and the policy's own frame. No rule row can overrule it.
 * COMMERCIAL is not here: a row releases such a field only if it says so (`rows.ts`). What a nation gave us goes back to it unchanged,
 * whatever our label says of other nations (`unlessHome`).
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
  'recipient is not named in REL TO': unlessHome(({ label, recipient, atMs }, { groups }) =>
    denyIf(
      label !== null &&
        !label.releasableTo.some((name) => name === recipient || groups.has(name, recipient, atMs)),
    ),
  ),
  'recipient joined the group after the date of the record: the past needs approval': unlessHome(
    (facts, policy) => (!isOnly(facts) && isLate(facts, policy) ? 'approve' : null),
  ),
  'ONLY: recipient joined the group after the date of the record': unlessHome((facts, policy) =>
    denyIf(isOnly(facts) && isLate(facts, policy)),
  ),
  'ONLY: nothing may be passed on': unlessHome((facts) =>
    denyIf(isOnly(facts) && facts.purpose === 'retransfer'),
  ),
  'NOFORN: recipient is foreign': unlessHome(({ label, recipient, record }) =>
    denyIf(label?.caveats.includes('NOFORN') && recipient !== record.originator),
  ),
  // What is another's, in whole or in part, goes home, or where its originator consents by name.
  'ORCON: sender is not the originator': (facts, { nation }) =>
    denyIf(facts.label?.caveats.includes('ORCON') && isHeldBack(facts, nation)),
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
  'no ceiling is set for the recipient': unlessHome(({ recipient }, { ceilings }) =>
    denyIf(!ceilings.has(recipient)),
  ),
  'classification is above the ceiling of the recipient': unlessHome(
    ({ label, recipient }, { ceilings }) => {
      const ceiling = ceilings.get(recipient)
      if (label === null || ceiling === undefined) return null
      const rank = rankOf(label.classification)
      return denyIf(rank < 0 || rank > rankOf(ceiling))
    },
  ),
  'retransfer needs consent': (facts, { nation }) => denyIf(isHeldBack(facts, nation)),
  'concurrent edits disagree: a person must choose': ({ conflict }) =>
    conflict ? 'approve' : null,
} as const satisfies Gate

/** What our label keeps from others it does not keep from who gave us the value, as long as it is the same. */
function unlessHome(find: Gate[string]): Gate[string] {
  return (facts, policy) =>
    isGoingHome(facts, facts.recipient, policy.nation) ? null : find(facts, policy)
}

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
