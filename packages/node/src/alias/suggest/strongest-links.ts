import type { ReadName } from '../name/read-name.ts'
import type { LinkSuggestion } from '../suggestion.ts'
import type { PartyNames } from './party-names.ts'

/** From here on, spellings are taken together before it is asked which party is part of which. */
const firmPercent = 60

/** A suggestion and the rows that its names have, which order suggestions of one confidence. */
export interface RankedLink {
  readonly link: LinkSuggestion
  readonly rows: number
}

/**
 * Of suggestions those that say something new, most confident first. Left out are a link within one party, a second link
 * of two parties, and one that together with stronger ones would make one party of two that a person said are different.
 * Spellings come first; each link is weighed again with the places of the parties it would join.
 */
export function strongestLinks(
  links: readonly RankedLink[],
  group: PartyNames,
  weigh: (a: ReadName, b: ReadName) => LinkSuggestion | undefined,
): readonly LinkSuggestion[] {
  const weighed = ({ link, rows }: RankedLink): RankedLink => {
    const [a, b] = link.names.map(group.withParty)
    const again = a === undefined || b === undefined ? undefined : weigh(a, b)
    return { link: again ?? link, rows }
  }
  const kept: RankedLink[] = []
  const later: RankedLink[] = []
  const take = (found: RankedLink): void => {
    const [a, b] = found.link.names
    if (group.partyOf(a) === group.partyOf(b) || group.haveMet(a, b)) return
    kept.push(found)
    if (found.link.relation === 'same-party') group.join(a, b)
    else group.meet(a, b)
  }
  for (const found of links.toSorted(byStrength)) {
    const now = isFirm(found) ? weighed(found) : found
    if (isFirm(now)) take(now)
    else later.push(found)
  }
  for (const found of later.map(weighed).sort(byStrength)) take(found)
  return kept.sort(byStrength).map(({ link }) => link)
}

const isFirm = ({ link: { relation, confidence } }: RankedLink): boolean =>
  relation === 'same-party' && confidence >= firmPercent

/** Most confident first, then of the most rows, then by code unit. */
function byStrength({ link: a, rows: rowsA }: RankedLink, { link: b, rows: rowsB }: RankedLink) {
  if (a.confidence !== b.confidence) return b.confidence - a.confidence
  if (rowsA !== rowsB) return rowsB - rowsA
  const [x, y] = a.names[0] === b.names[0] ? [a.names[1], b.names[1]] : [a.names[0], b.names[0]]
  return x < y ? -1 : x > y ? 1 : 0
}
