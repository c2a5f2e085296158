import { keyOf, readLength, type Word, wordsOf } from './name-tokens.ts'
import { genericWords, legalForms, placeholderWords } from './name-words.ts'
import { atAnd, atCommas, atDashes, atHyphens, atSlashes } from './split-name.ts'
import { sureTownsOf, townKey } from './towns.ts'

/**
 * Which words stand as a whole name somewhere among the names at hand. That is what tells `PROGENY/RAYTHEON` (two
 * companies) from `APU A Kit/Raytheon` (one). Questions take words without legal form.
 */
export interface KnownCompanies {
  /** They are all of a name. */
  readonly isName: (words: readonly Word[]) => boolean
  /** They are a name, or one without the general words at its end: PROGENY of Progeny Systems. */
  readonly isCompany: (words: readonly Word[]) => boolean
  /** How many different words follow them in names. */
  readonly wordsBehind: (words: readonly Word[]) => number
  /** A place column has them as its town. */
  readonly isTown: (words: readonly Word[]) => boolean
}

/** Learns companies from the names of one part, then from those whose `and` or hyphen joins nothing known. */
export function knownCompanies(
  names: readonly { readonly name: string; readonly places: readonly string[] }[],
): KnownCompanies {
  const bare = new Set(names.map(({ name }) => keyOf(wordsOf(name))))
  const towns = new Set(
    [...sureTownsOf(names.flatMap(({ places }) => places))].filter((town) => !isMaker(town, bare)),
  )
  const whole = new Set<string>()
  const stems = new Set<string>()
  const next = new Map<string, Set<string>>()
  const isTown = (words: readonly Word[]): boolean => towns.has(townKey(words))
  const isName = (words: readonly Word[]): boolean => whole.has(keyOf(words))
  const isCompany = (words: readonly Word[]): boolean => isName(words) || stems.has(keyOf(words))
  const learn = (name: string): void => {
    const words = companyWords(wordsOf(name))
    if (!isTelling(words) || isTown(words)) return
    whole.add(keyOf(words))
    for (const [at, { form }] of words.entries()) {
      const before = keyOf(words.slice(0, at))
      next.set(before, (next.get(before) ?? new Set()).add(form))
    }
    const stem = stemOf(words)
    if (!isTown(stem)) stems.add(keyOf(stem))
  }
  const simple = names.map(({ name }) => name.slice(0, readLength)).filter(isOnePart)
  const isPlain = (name: string): boolean =>
    atAnd(name).length === 1 && atHyphens(name).length === 1
  for (const name of simple.filter(isPlain)) learn(name)
  const isKnown = (part: string | undefined): boolean =>
    isCompany(companyWords(wordsOf(part ?? '')))
  const isOne = (name: string): boolean =>
    !isPlain(name) && !atAnd(name).some(isKnown) && !isName(wordsOf(atHyphens(name)[0] ?? ''))
  for (const name of simple.filter(isOne)) learn(name)
  const wordsBehind = (words: readonly Word[]): number => next.get(keyOf(words))?.size ?? 0
  return { isName, isCompany, isTown, wordsBehind }
}

/** `NSWC CRANE, IND` in a place column: it begins with what is a name itself. */
const isMaker = (town: string, names: ReadonlySet<string>): boolean =>
  town.includes(' ') && names.has(keyOf(wordsOf(town).slice(0, 1)))

const isOnePart = (name: string): boolean =>
  !/[(@]/.test(name) &&
  atDashes(name).length === 1 &&
  atSlashes(name).length === 1 &&
  atCommas(name).filter((part) => !wordsOf(part).every(isLegalForm)).length === 1

const isLegalForm = ({ form }: Word): boolean => legalForms.has(form)

/** The words without legal forms at the end, at least one. */
export function withoutLegalForm(words: readonly Word[]): readonly Word[] {
  const end = words.findLastIndex((word) => !isLegalForm(word))
  return words.slice(0, Math.max(1, end + 1))
}

/** The words before the legal form, at least one. */
export function companyWords(words: readonly Word[]): readonly Word[] {
  const cut = words.findIndex(
    ({ form }, at) =>
      at > 0 &&
      legalForms.has(form) &&
      // Two letters in the middle may be anything: `Electric Boat-CO-H2 Burner`.
      (form.length > 2 || words.slice(at).every((rest) => legalForms.has(rest.form))),
  )
  return cut < 0 ? words : words.slice(0, cut)
}

/** Without the general words at its end, as long as what is left tells a company. */
export function stemOf(words: readonly Word[]): readonly Word[] {
  let stem = words
  while (genericWords.has(stem.at(-1)?.form ?? '') && isTelling(stem.slice(0, -1)))
    stem = stem.slice(0, -1)
  return stem
}

/** Whether words can tell a company: one that few bear, or two that only together do (`General Electric`). */
export function isTelling(words: readonly Word[]): boolean {
  const said = words.filter(({ form }) => !placeholderWords.has(form) && !/^\p{N}+$/u.test(form))
  return said.length > 1 || said.some(({ form }) => form.length > 1 && !genericWords.has(form))
}
