import { isTelling, type KnownCompanies } from './known-companies.ts'
import { keyOf, type Word } from './name-tokens.ts'

/** The company at the end of `CSA MK3 RAYTHEON`: what stands before it has a number and is no company. */
export function behindDesignation(
  words: readonly Word[],
  known: KnownCompanies,
): readonly Word[] | undefined {
  const starts = words.some((_, at) => at > 0 && known.isCompany(words.slice(0, at)))
  if (starts) return undefined
  const at = words.findIndex(
    (_, index) =>
      index > 0 &&
      known.isCompany(words.slice(index)) &&
      words.slice(0, index).some(({ raw }) => /\p{N}/u.test(raw)),
  )
  return at < 0 ? undefined : words.slice(at)
}

/** Two companies that no sign parts: `Bell Boeing`. The longest that begins the name, the shortest that follows it. */
export function sideBySide(
  words: readonly Word[],
  known: KnownCompanies,
): readonly (readonly Word[])[] {
  for (let at = words.length - 1; at > 0; at -= 1) {
    if (!known.isCompany(words.slice(0, at)) || !isTelling(words.slice(0, at))) continue
    for (let end = at + 1; end <= words.length; end += 1) {
      const second = words.slice(at, end)
      const tells = keyOf(second).length > 3 && isTelling(second)
      if (tells && known.isName(second) && !known.isTown(second))
        return [words.slice(0, at), second]
    }
  }
  return []
}
