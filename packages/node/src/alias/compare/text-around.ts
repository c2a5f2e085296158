import type { NameReading } from '../name/read-name.ts'
import { type ReasonAgainst, type ReasonFor, reasonAgainst, reasonFor } from '../reasons.ts'
import { isShortOf } from './align-words.ts'

/** What two names have around their company words: legal forms, notes, places, brackets, a product in front. */
export function textAround(
  a: NameReading,
  b: NameReading,
): { readonly reasons: readonly ReasonFor[]; readonly against: readonly ReasonAgainst[] } {
  const reasons: ReasonFor[] = []
  const against: ReasonAgainst[] = []
  const [formsA, formsB] = [a.legal.join(' '), b.legal.join(' ')]
  if (formsA !== formsB)
    reasons.push(reasonFor('LEGAL_FORM', ...[formsA, formsB].filter((form) => form !== '').sort()))
  for (const [name, other] of [
    [a, b],
    [b, a],
  ] as const) {
    const only = (texts: readonly string[], theirs: readonly string[]): readonly string[] =>
      texts.filter((text) => !theirs.includes(text))
    const notes = only(name.notes, other.notes)
    if (notes.length > 0) reasons.push(reasonFor('TRAILING_NOTE', ...notes))
    const unclear = only(name.unclear, other.unclear)
    if (unclear.length > 0) reasons.push(reasonFor('UNCLEAR_NOTE', ...unclear))
    const placed = only(name.placed, other.placed)
    if (placed.length > 0) reasons.push(reasonFor('PLACE_BEHIND', ...placed))
    const brackets = only(name.brackets, other.brackets).filter(
      (text) => !isShortOf(text, name.core),
    )
    if (brackets.length > 0) reasons.push(reasonFor('BRACKET_NOTE', ...brackets))
    if (name.front !== undefined && name.front !== other.front)
      against.push(reasonAgainst('PRODUCT_IN_FRONT', name.front))
  }
  return { reasons, against }
}
