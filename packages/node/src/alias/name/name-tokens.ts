import { legalForms, linkWords, shortForm } from './name-words.ts'

/** One word of a name: as the source spells it, in capitals, and as it is compared. */
export interface Word {
  readonly raw: string
  /** Short form, singular: `TECH` for TECHNOLOGIES. */
  readonly form: string
}

/**
 * Comparison form of a name: capitals without marks and punctuation, words in short form and singular, link words and
 * legal forms at the end left out. `Raytheon Missile Systems, Co.` is `RAYTHEON MISSILE SYS`.
 * A fixed point: the normal form of a normal form is itself. Empty for a name without letters and digits.
 */
export const normalName = (name: string): string => tokensOf(name).join(' ')

/** Words of the comparison form of a name, at least one unless the name has no letters and digits. */
export function tokensOf(name: string): readonly string[] {
  const tokens = wordsOf(name).map(({ form }) => form)
  while (tokens.length > 1 && legalForms.has(tokens.at(-1) ?? '')) tokens.pop()
  return tokens
}

/** All words of a text but link words, legal forms among them. */
export function wordsOf(text: string): readonly Word[] {
  return (plain(text).match(/[\p{L}\p{N}]+/gu) ?? [])
    .flatMap(parted)
    .filter((raw) => !linkWords.has(raw))
    .map((raw) => ({ raw, form: formOf(raw) }))
}

/** Characters of a name that are read. What is longer is no name, and must not cost more. */
export const readLength = 200

/** Words as one key. */
export const keyOf = (words: readonly Word[]): string => words.map(({ form }) => form).join(' ')

/** Letters and digits alone, in capitals. */
export const lettersOf = (text: string): string => capitals(text).replace(/[^\p{L}\p{N}]/gu, '')

const capitals = (text: string): string =>
  text.normalize('NFKD').toUpperCase().normalize('NFKD').replace(/\p{M}/gu, '')

function plain(text: string): string {
  return (
    capitals(text)
      .replace(/['’`]/gu, '')
      .replace(/&/g, ' AND ')
      // Danish and Norwegian aktieselskab.
      .replace(/(?<![\p{L}\p{N}])A\/S(?![\p{L}\p{N}])/gu, ' AS ')
      .replace(/(?<![\p{L}\p{N}])A\/C(FT)?(?![\p{L}\p{N}])/gu, ' ACFT ')
      .replace(/(?<![\p{L}\p{N}])L\.\s?L\.\s?(C|P)(?![\p{L}\p{N}])/gu, ' LL$1 ')
      // U.S. and J. F. Taylor: initials are one word.
      .replace(/(?<![\p{L}\p{N}])(\p{L})\.\s*(?=\p{L}(?![\p{L}\p{N}]))/gu, '$1')
      // L-3, BLU-110: a designation is one word.
      .replace(/(?<![\p{L}\p{N}])(\p{L}{1,3})-(?=\p{N})/gu, '$1')
  )
}

/** `L3COMMUNICATIONS`, `DYNAMICS1` and `TECHSYSTEMS` hold two words each. */
function parted(raw: string): readonly string[] {
  const [, before, after] =
    /^(.*\p{N})(\p{L}{3,})$/u.exec(raw) ?? /^(\p{L}{4,})(\p{N}+)$/u.exec(raw) ?? []
  if (before !== undefined && after !== undefined) return [...parted(before), ...parted(after)]
  for (let at = 4; at <= raw.length - 3; at += 1)
    if (shortForm.has(raw.slice(0, at)) && shortForm.has(raw.slice(at)))
      return [raw.slice(0, at), raw.slice(at)]
  return [raw]
}

function formOf(raw: string): string {
  const singular = /^\p{L}{4,}S$/u.test(raw) && !/(SS|US|IS)$/.test(raw) ? raw.slice(0, -1) : raw
  return shortForm.get(raw) ?? shortForm.get(singular) ?? singular
}
