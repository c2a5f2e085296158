import { canonicalJson } from './canonical-json.ts'
import { digestOf } from './hash.ts'
import type { Envelope, Field, Terms, TermsOf } from './record.ts'

type Onward = TermsOf['onward_release']

/** From open to strict. */
export const onwardReleases: readonly Onward[] = ['free', 'same-group', 'ask', 'none']

/** The stricter word on passing on. */
export const stricterOnward = (a: Onward, b: Onward): Onward =>
  onwardReleases.indexOf(a) >= onwardReleases.indexOf(b) ? a : b

/** What each originator says of a field, each once, sorted. */
export const termsIn = ({ originator, onward_release, others = [] }: Terms): readonly TermsOf[] =>
  [{ originator, onward_release }, ...others].sort((a, b) => (a.originator < b.originator ? -1 : 1))

/**
 * Terms that bind as much as both: all originators, of each the stricter word. What two versions received alike stays known; else the
 * result is derived. Idempotent, commutative, associative.
 */
export function joinTerms(a: Terms | undefined, b: Terms | undefined): Terms | undefined {
  if (a === undefined || b === undefined) return a ?? b
  const byNation = new Map<string, TermsOf>()
  for (const each of [...termsIn(a), ...termsIn(b)]) {
    const known = byNation.get(each.originator)?.onward_release ?? each.onward_release
    const onward_release = stricterOnward(known, each.onward_release)
    byNation.set(each.originator, { originator: each.originator, onward_release })
  }
  const [first, ...others] = [...byNation.values()].sort((x, y) =>
    x.originator < y.originator ? -1 : 1,
  )
  const isSame = canonicalJson(a.received ?? null) === canonicalJson(b.received ?? null)
  return {
    ...(first as TermsOf),
    ...(isSame && others.length === 0 && a.received && { received: a.received }),
    ...(others.length > 0 && { others }),
  }
}

/** The terms of what is made from a field: whose it is stays, that it is what was received does not. */
export function derivedTerms(terms: Terms | undefined): Terms | undefined {
  if (terms?.received === undefined) return terms
  const { received: _, ...rest } = terms
  return rest
}

/** Whether a value is still what one nation released to us, to the byte. */
export const isAsReceived = ({ value, terms }: Pick<Field, 'value' | 'terms'>): boolean =>
  terms?.received !== undefined &&
  terms.others === undefined &&
  digestOf(value) === terms.received.value

/** The stricter handling of two. */
export const joinHandling = (
  a: Envelope['handling'],
  b: Envelope['handling'],
): Envelope['handling'] => ({
  originator_control: a.originator_control || b.originator_control,
  onward_release: stricterOnward(a.onward_release, b.onward_release),
})
