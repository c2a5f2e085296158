import type { DataRecord, Nation, TermsOf } from '@entente/schema'
import type { GateFacts } from '../question.ts'

/** A record that another one came from, or the record itself. */
export interface Source {
  readonly record: string
  readonly originator: Nation
}

/** The record and all that it was derived from. */
export const sourcesOf = ({ id, originator, envelope }: DataRecord): readonly Source[] => [
  { record: id, originator },
  ...(envelope.derivedFrom ?? []),
]

type OriginFacts = Pick<GateFacts, 'terms' | 'received'> & {
  readonly record: Pick<GateFacts['record'], 'originator' | 'derivedFrom' | 'onward'>
}

/** Nations other than this one whose content a field is, in whole or in part: by the record, its terms and what it was derived from. */
export function foreignOrigins({ record, terms }: OriginFacts, nation: Nation): readonly Nation[] {
  if (record.originator === nation && record.derivedFrom.length === 0 && terms.length === 0)
    return none
  const all = [
    record.originator,
    ...record.derivedFrom,
    ...terms.map(({ originator }) => originator),
  ]
  return [...new Set(all)].filter((origin) => origin !== nation).sort()
}
const none: readonly Nation[] = []

/** Whether an originator lets it be passed on: by the field's own terms, else by those under which the record came. */
export const onwardOf = (
  { record, terms }: OriginFacts,
  origin: Nation,
): TermsOf['onward_release'] =>
  terms.find(({ originator }) => originator === origin)?.onward_release ?? record.onward

/** Whether it is what the recipient gave us, to the byte, and nobody else's. */
export function isGoingHome(facts: OriginFacts, recipient: Nation, nation: Nation): boolean {
  if (facts.received?.unchanged !== true || recipient === nation) return false
  const [origin, ...others] = foreignOrigins(facts, nation)
  return origin === recipient && others.length === 0
}
