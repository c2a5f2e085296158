import { legalGroups } from '../name/name-words.ts'
import type { ReadName } from '../name/read-name.ts'
import { type ReasonAgainst, type ReasonFor, reasonAgainst, reasonFor } from '../reasons.ts'

interface Evidence {
  readonly reasons: readonly ReasonFor[]
  readonly against: readonly ReasonAgainst[]
}

/** What place, nation, legal form and records of two names say, beside the company words. Silence says nothing. */
export function surroundings(a: ReadName, b: ReadName): Evidence {
  const reasons: ReasonFor[] = []
  const against: ReasonAgainst[] = []
  const towns = both(a.towns, b.towns)
  if (towns.length > 0) reasons.push(reasonFor('SAME_PLACE', ...towns.slice(0, 3)))
  else if (a.towns.size > 0 && b.towns.size > 0) against.push(reasonAgainst('OTHER_PLACE'))
  if (both(a.records ?? [], b.records ?? []).length > 0) reasons.push(reasonFor('SAME_RECORD'))
  if (a.nations.length > 0 && b.nations.length > 0 && both(a.nations, b.nations).length === 0)
    against.push(reasonAgainst('OTHER_NATION', ...[...a.nations, ...b.nations].sort()))
  const [formsA, formsB] = [a.reading.legal, b.reading.legal]
  const [groupsA, groupsB] = [groupsOf(formsA), groupsOf(formsB)]
  if (groupsA.length > 0 && groupsB.length > 0 && both(groupsA, groupsB).length === 0)
    against.push(reasonAgainst('OTHER_LEGAL_FORM', ...[...formsA, ...formsB].sort()))
  return { reasons, against }
}

function both<T>(a: Iterable<T>, b: Iterable<T>): readonly T[] {
  const set = new Set(b)
  return [...new Set(a)].filter((item) => set.has(item)).sort()
}

const groupsOf = (forms: readonly string[]): readonly ReadonlySet<string>[] =>
  legalGroups.filter((group) => forms.some((form) => group.has(form)))
