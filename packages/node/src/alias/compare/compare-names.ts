import type { KnownCompanies } from '../name/known-companies.ts'
import type { ReadName } from '../name/read-name.ts'
import { confidenceOf, reasonFor } from '../reasons.ts'
import type { Finding, LinkSuggestion } from '../suggestion.ts'
import { compareCompanies, sayTheSame } from './compare-companies.ts'
import { compareMembers } from './compare-members.ts'
import { surroundings } from './surroundings.ts'

/** What may link two names, or undefined if nothing does. The order of the two does not matter. */
export function compareNames(
  one: ReadName,
  other: ReadName,
  known: KnownCompanies,
): LinkSuggestion | undefined {
  if (one.name === other.name) return undefined
  const [a, b] = one.name < other.name ? [one, other] : [other, one]
  const finding = findingOf(a, b, known)
  if (finding === undefined) return undefined
  const around = surroundings(a, b)
  const reasons = [...finding.reasons, ...around.reasons]
  const against = [...finding.against, ...around.against]
  return {
    relation: finding.relation,
    names:
      finding.swapped && finding.relation !== 'same-party' ? [b.name, a.name] : [a.name, b.name],
    confidence: confidenceOf(finding.relation, reasons, against),
    reasons,
    against,
  }
}

function findingOf(a: ReadName, b: ReadName, known: KnownCompanies): Finding | undefined {
  if (a.letters === '' || b.letters === '') return undefined
  if (a.letters === b.letters) {
    const reasons = [reasonFor('SAME_LETTERS')]
    return { relation: 'same-party', swapped: false, reasons, against: [] }
  }
  const ventures = [a, b].filter(({ reading }) => reading.joint !== undefined)
  const [venture] = ventures
  if (ventures.length === 1 && venture !== undefined) {
    // JJV is Javelin Joint Venture, a member is not.
    const same = venture.reading.members.length === 0 && sayTheSame(a.reading, b.reading)
    return same
      ? compareCompanies(a.reading, b.reading, known)
      : compareMembers(a.reading, b.reading)
  }
  const found = compareCompanies(a.reading, b.reading, known)
  return ventures.length === 2 ? (found ?? compareMembers(a.reading, b.reading)) : found
}
