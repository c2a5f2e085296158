import type { LinkSuggestion } from '../suggestion.ts'

/**
 * Leaves out what other suggestions imply: a part of a whole of which it is a part through another whole, and a member
 * of a venture whose whole or part is named as a more certain member.
 * @param links most confident first
 * @param partyOf names that stand for one party have one answer
 */
export function withoutImplied(
  links: readonly LinkSuggestion[],
  partyOf: (name: string) => string,
): readonly LinkSuggestion[] {
  const wholes = new Map<string, Set<string>>()
  const wholesOf = (party: string): readonly string[] => [...(wholes.get(party) ?? [])]
  for (const { relation, names } of links)
    if (relation === 'part-of') {
      const [part, whole] = [partyOf(names[0]), partyOf(names[1])]
      wholes.set(part, new Set([...wholesOf(part), whole]))
    }
  const isWithin = (part: string, whole: string): boolean => {
    const open = [...wholesOf(part)]
    const seen = new Set([part, ...open])
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      if (at === whole) return true
      for (const next of wholesOf(at)) if (!seen.has(next)) open.push(next)
      seen.add(at)
    }
    return false
  }
  const members = new Map<string, string[]>()
  return links.filter(({ relation, names }) => {
    const [a, b] = [partyOf(names[0]), partyOf(names[1])]
    if (relation === 'same-party') return true
    if (relation === 'part-of')
      return !wholesOf(a).some((other) => other !== b && isWithin(other, b))
    const others = members.get(b) ?? []
    if (others.some((other) => isWithin(a, other) || isWithin(other, a))) return false
    members.set(b, [...others, a])
    return true
  })
}
