import { compareNames } from '../compare/compare-names.ts'
import type { LinkDecisions } from '../link-decisions.ts'
import { knownCompanies } from '../name/known-companies.ts'
import { lettersOf, wordsOf } from '../name/name-tokens.ts'
import { openWords, placeholderWords } from '../name/name-words.ts'
import { type ReadName, readSourceName } from '../name/read-name.ts'
import type { LinkSuggestion, SourceName } from '../suggestion.ts'
import { candidatePairs } from './candidate-pairs.ts'
import { withoutImplied } from './implied-links.ts'
import { createPartyNames } from './party-names.ts'
import { type RankedLink, strongestLinks } from './strongest-links.ts'

/** Least confidence in percent of what is suggested, unless the caller says another. */
const leastPercent = 30

/**
 * Suggests which names belong together, most confident first. It decides nothing. Of two parties only the strongest
 * link is given, and none that follows from others: thirty spellings of one company are 29 suggestions, not 435. After
 * each decision ask again: names said to be different open the links that were left out.
 *
 * A pair that was decided on is not suggested again, nor one that `conflictsWith` the decisions. The names may come in
 * any order. A name that says it is none (`TBD`) is left out.
 */
export function suggestLinks(
  names: readonly SourceName[],
  decisions: LinkDecisions,
  atLeast = leastPercent,
): readonly LinkSuggestion[] {
  const sources = eachOnce(names)
  const known = knownCompanies(sources)
  const read = sources.map((source) => readSourceName(source, known)).filter(isNamed)
  const links: RankedLink[] = []
  for (const [at, other] of candidatePairs(read)) {
    const [a, b] = [read[at] as ReadName, read[other] as ReadName]
    const link = compareNames(a, b, known)
    if (link !== undefined && link.confidence >= atLeast)
      links.push({ link, rows: a.count + b.count })
  }
  const group = createPartyNames(read, decisions)
  const strongest = strongestLinks(links, group, (a, b) => compareNames(a, b, known))
  return withoutImplied(strongest, group.partyOf).filter(({ confidence }) => confidence >= atLeast)
}

/** Names that come twice are one: rows are added, places and nations joined. */
function eachOnce(names: readonly SourceName[]): readonly SourceName[] {
  const byName = new Map<string, SourceName>()
  for (const source of names) {
    const had = byName.get(source.name)
    byName.set(source.name, had === undefined ? source : joined(had, source))
  }
  return [...byName.values()]
}

const joined = (a: SourceName, b: SourceName): SourceName => ({
  name: a.name,
  count: a.count + b.count,
  places: [...new Set([...a.places, ...b.places])].sort(),
  nations: [...new Set([...a.nations, ...b.nations])].sort(),
  records: [...new Set([...(a.records ?? []), ...(b.records ?? [])])].sort(),
})

/** Not `TBD - kits`, `TBD2`, `N/A` or a name without letters. */
const isNamed = ({ name, reading }: ReadName): boolean =>
  !openWords.has((wordsOf(name)[0]?.raw ?? '').replace(/\p{N}+$/u, '')) &&
  !openWords.has(lettersOf(name)) &&
  reading.core.some(({ form }) => !placeholderWords.has(form) && /\p{L}/u.test(form))
