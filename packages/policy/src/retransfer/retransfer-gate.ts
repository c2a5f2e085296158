import type { Nation, RetransferConsent } from '@entente/schema'
import type { Transform } from '../document.ts'
import type { GateFacts } from '../question.ts'
import { foreignOrigins, onwardOf } from './origins.ts'

/** What stands between a field and a nation other than its originators, of one of these. */
export interface Retransfer {
  readonly originator: Nation
  /**
   * `free`: its terms let it be passed on; `consent`: it has consented; `forbidden`: its terms let nobody have it, whatever was consented
   * to; `missing`: it is to be asked.
   */
  readonly state: 'free' | 'consent' | 'forbidden' | 'missing'
  /** The finest form it consents to, null as it is. */
  readonly transform: RetransferConsent['transform']
}

/**
 * What each originator other than the recipient says, sorted. Whom a `same-group` meant does not travel: it is asked as under `ask`;
 * ORCON asks whatever else the terms say, and so does a record that is under its originator's control. Back to where all of it came from
 * nothing is retransferred. A consent over one record says nothing of another one of the same nation: there has to be one over each, and
 * the coarsest form that is left counts.
 */
export function retransfersOf(facts: GateFacts, nation: Nation): readonly Retransfer[] {
  const others = foreignOrigins(facts, nation).filter((origin) => origin !== facts.recipient)
  const isControlled =
    facts.record.originatorControl || facts.label?.caveats.includes('ORCON') === true
  return others.map((originator): Retransfer => {
    const onward = onwardOf(facts, originator)
    if (onward === 'none') return { originator, state: 'forbidden', transform: null }
    if (onward === 'free' && !isControlled) return { originator, state: 'free', transform: null }
    const finest = consentedBy(facts, originator)
    if (finest === undefined) return { originator, state: 'missing', transform: null }
    return { originator, state: 'consent', transform: finest }
  })
}

/** The finest form that an originator's consents leave; undefined: some record of it that the field may be of has none. */
function consentedBy(
  { consents, record, received, terms }: GateFacts,
  originator: Nation,
): RetransferConsent['transform'] | undefined {
  const given = consents.filter(({ consent }) => consent.nation === originator)
  // Nothing is asked of sources without consents: the memory of a decider does not keep them.
  if (given.length === 0) return undefined
  const records = record.sources
    .filter((source) => source.originator === originator)
    .map((source) => source.record)
  // What came in a record that ours does not name is of one of those whom its terms name.
  const isNamed = record.sources.some((source) => source.record === received?.record)
  const isOfTerms = terms.some((each) => each.originator === originator)
  if (received !== null && !isNamed && isOfTerms) records.push(received.record)
  let coarsest: RetransferConsent['transform'] = null
  for (const each of records) {
    const [finest] = given
      .filter(({ consent }) => consent.record === each)
      .map(({ consent }) => consent.transform)
      .sort(byFineness)
    if (finest === undefined) return undefined
    if (byFineness(finest, coarsest) > 0) coarsest = finest
  }
  return coarsest
}

/** Whether some originator has to be asked still, or has said that nobody may have it. */
export const isHeldBack = (facts: GateFacts, nation: Nation): boolean =>
  retransfersOf(facts, nation).some(({ state }) => state === 'missing' || state === 'forbidden')

/** Coarsest form that all consents allow; null: as it is. */
export function consentedTransform(facts: GateFacts, nation: Nation): Transform | null {
  const [coarsest] = retransfersOf(facts, nation)
    .map(({ transform }) => transform)
    .sort(byFineness)
    .toReversed()
  return coarsest == null ? null : { kind: 'band', level: coarsest }
}

const fineness: readonly RetransferConsent['transform'][] = [null, 'fine', 'coarse']
const byFineness = (a: RetransferConsent['transform'], b: RetransferConsent['transform']) =>
  fineness.indexOf(a) - fineness.indexOf(b)
