import type { Relation } from './relation.ts'

/**
 * What is said for and against a link, in words for the person who decides. A confidence starts at 1. Each `factor`
 * multiplies it; one that is `ofParty` only by its square root for a part or a member, which may well be abroad. Each
 * `raise` then takes it to the power of 1 less the raise, which lifts the middle most. The numbers were set by eye over
 * the makers of one budget (US FY2017). They order suggestions and are no probabilities.
 */
const speaksFor = {
  SAME_LETTERS: { words: 'the same but for case, spaces and punctuation', factor: 0.97 },
  SAME_WORDS: { words: 'the same words, in full or short', factor: 0.95 },
  LEGAL_FORM: { words: 'the same but for the legal form', factor: 0.94, ofParty: true },
  ABBREVIATION: { words: 'one name shortens words of the other', factor: 0.92 },
  SPELLING: { words: 'one letter differs', factor: 0.9 },
  INITIALS: { words: 'letters stand for the words', factor: 0.65 },
  IN_BRACKETS: { words: 'one name gives the other as its letters in brackets', factor: 0.93 },
  BRACKET_NAME: { words: 'one name has the other in brackets', factor: 0.65 },
  TRAILING_NOTE: { words: 'a note of the source follows the name', factor: 0.88 },
  BRACKET_NOTE: { words: 'one name adds in brackets', factor: 0.85 },
  UNCLEAR_NOTE: { words: 'behind a dash, a note or a unit', factor: 0.67 },
  LEFT_OUT: { words: 'the shorter name leaves out a word', factor: 0.75 },
  GENERAL_WORD: { words: 'the longer name adds a general word', factor: 0.65 },
  SUBUNIT: { words: 'the longer name adds words of a unit', factor: 0.8 },
  PREFIX: { words: 'the longer name adds words', factor: 0.6 },
  PLACE_BEHIND: { words: 'a place follows the name', factor: 0.9 },
  PLACE_IN_NAME: { words: 'the longer name adds a place', factor: 0.8 },
  SAME_MEMBERS: { words: 'both name the same companies', factor: 0.9 },
  NAMES_MEMBER: { words: 'one of the companies that the name names', factor: 0.85 },
  SAME_PLACE: { words: 'both are at', raise: 0.3 },
  SAME_RECORD: { words: 'both stand in one record', raise: 0.1 },
} as const

/** All of these speak against the two names being one party, whatever relation is suggested. */
const speaksAgainst = {
  JOINT_VENTURE: { words: 'the name names several companies', factor: 1 },
  SIDE_BY_SIDE: { words: 'no sign parts the companies: may be one name', factor: 0.65 },
  UNCLEAR_MEMBER: { words: 'not known as a company elsewhere, may be a note', factor: 0.6 },
  PRODUCT_IN_FRONT: { words: 'the source put a product before the maker', factor: 0.75 },
  WORDS_IN_FRONT: { words: 'other words stand before the shared ones', factor: 0.5 },
  OTHER_WORDS: { words: 'each name has words that the other has not', factor: 0.15 },
  SHARED_WORD_ONLY: { words: 'only a word that many companies bear is shared', factor: 0.15 },
  SHORT_NAME: { words: 'short name, in which one letter is much', factor: 0.6 },
  FEW_INITIALS: { words: 'few letters stand for many names', factor: 0.55 },
  OTHER_LEGAL_FORM: {
    words: 'legal forms of different countries or kinds',
    factor: 0.8,
    ofParty: true,
  },
  OTHER_PLACE: { words: 'no place in common', factor: 0.95, ofParty: true },
  OTHER_NATION: { words: 'no nation in common', factor: 0.5, ofParty: true },
} as const

interface Weight {
  readonly words: string
  readonly factor?: number
  readonly raise?: number
  readonly ofParty?: boolean
}

export type ForCode = keyof typeof speaksFor
export type AgainstCode = keyof typeof speaksAgainst

/** One piece of evidence. `words` is the sentence for people, the detail behind a colon. */
export interface Reason<Code extends ForCode | AgainstCode = ForCode | AgainstCode> {
  readonly code: Code
  readonly words: string
}

export type ReasonFor = Reason<ForCode>
export type ReasonAgainst = Reason<AgainstCode>

const sentence = (words: string, details: readonly string[]): string =>
  details.length === 0 ? words : `${words}: ${details.join(', ')}`

export const reasonFor = (code: ForCode, ...details: readonly string[]): ReasonFor => ({
  code,
  words: sentence(speaksFor[code].words, details),
})

export const reasonAgainst = (code: AgainstCode, ...details: readonly string[]): ReasonAgainst => ({
  code,
  words: sentence(speaksAgainst[code].words, details),
})

/** Integer percent, 1 to 99: a suggestion is never certain, and a reason against lowers it. */
export function confidenceOf(
  relation: Relation,
  reasons: readonly ReasonFor[],
  against: readonly ReasonAgainst[],
): number {
  let confidence = 1
  const weights: readonly Weight[] = [
    ...against.map(({ code }) => speaksAgainst[code]),
    ...reasons.map(({ code }) => speaksFor[code]),
  ]
  for (const { factor = 1, ofParty = false } of weights)
    confidence *= ofParty && relation !== 'same-party' ? Math.sqrt(factor) : factor
  for (const { raise = 0 } of weights) confidence **= 1 - raise
  return Math.min(99, Math.max(1, Math.round(100 * confidence)))
}
