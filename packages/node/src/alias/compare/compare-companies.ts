import { nationOfPlace } from '../../import/values/place.ts'
import { isTelling, type KnownCompanies } from '../name/known-companies.ts'
import { keyOf, type Word, wordsOf } from '../name/name-tokens.ts'
import { fillerWords, genericWords } from '../name/name-words.ts'
import { isNoteWord } from '../name/part-name.ts'
import type { NameReading } from '../name/read-name.ts'
import {
  type AgainstCode,
  type ReasonAgainst,
  type ReasonFor,
  reasonAgainst,
  reasonFor,
} from '../reasons.ts'
import type { Finding } from '../suggestion.ts'
import { type Alignment, alignWords, isShortOf } from './align-words.ts'
import { textAround } from './text-around.ts'

const unlike: ReadonlySet<AgainstCode> = new Set(['OTHER_WORDS', 'SHARED_WORD_ONLY'])

/** What the words of two names say when neither names companies that the other does not. */
export function compareCompanies(
  a: NameReading,
  b: NameReading,
  known: KnownCompanies,
): Finding | undefined {
  const aligned = alignWords(a.core, b.core, a.legal, b.legal)
  const bracketed = inBrackets(a, b, false) ?? inBrackets(b, a, true)
  if (bracketed !== undefined) return bracketed
  const found =
    aligned.shared.length === 0
      ? (inFront(a.core, b.core, false) ?? inFront(b.core, a.core, true))
      : byWords(aligned, known)
  if (found === undefined) return undefined
  const around = textAround(a, b)
  const how = spellingOf(aligned)
  const reasons = [...found.reasons, ...how.reasons, ...around.reasons]
  const against = [...found.against, ...how.against, ...around.against]
  if (reasons.length === 0 && !against.some(({ code }) => unlike.has(code)))
    reasons.push(reasonFor('SAME_WORDS'))
  return { ...found, reasons, against }
}

/** Whether all company words of two names match. */
export function sayTheSame(a: NameReading, b: NameReading): boolean {
  const { restA, restB } = alignWords(a.core, b.core, a.legal, b.legal)
  return restA.length === 0 && restB.length === 0
}

/** Which words one name has and the other has not, of names that begin alike. */
function byWords({ shared, sharedB, restA, restB }: Alignment, known: KnownCompanies): Finding {
  const same: Finding = { relation: 'same-party', swapped: false, reasons: [], against: [] }
  const other = [restA, restB].filter((rest) => rest.length > 0).map(textOf)
  if (!isTelling(shared))
    return { ...same, against: [reasonAgainst('SHARED_WORD_ONLY', textOf(shared), ...other)] }
  if (other.length === 0) return same
  const swapped = restA.length === 0
  const [longer, shorter] = swapped ? [restB, restA] : [restA, restB]
  if (shorter.length > 0) {
    const left = leftOut(longer, shorter) ?? leftOut(shorter, longer)
    if (left === undefined) return { ...same, against: [reasonAgainst('OTHER_WORDS', ...other)] }
    return { ...same, reasons: [reasonFor('LEFT_OUT', textOf(left))] }
  }
  if (longer.every((word) => isNoteWord(word) || /\p{N}/u.test(word.raw)))
    return { ...same, reasons: [reasonFor('TRAILING_NOTE', textOf(longer))] }
  const followers = Math.max(known.wordsBehind(shared), known.wordsBehind(sharedB))
  const general = longer.filter(({ form }) => genericWords.has(form)).length
  const [{ raw, form } = { raw: '', form: '' }, ...more] = longer
  if (more.length === 0 && (raw.length === 1 || (general === 1 && shared.length >= 3)))
    return { ...same, reasons: [reasonFor('LEFT_OUT', raw)] }
  if (more.length === 0 && fillerWords.has(form) && followers < 2)
    return { ...same, reasons: [reasonFor('GENERAL_WORD', raw)] }
  const code = isSite(longer, known)
    ? 'PLACE_IN_NAME'
    : general === 0
      ? 'PREFIX'
      : general === longer.length && general === 1
        ? 'GENERAL_WORD'
        : 'SUBUNIT'
  return { relation: 'part-of', swapped, reasons: [reasonFor(code, textOf(longer))], against: [] }
}

/** A filler word in the longer rest in front of all of the shorter: `[SYSTEMS] ORDNANCE SYSTEMS`. */
function leftOut(longer: readonly Word[], shorter: readonly Word[]): readonly Word[] | undefined {
  const left = longer.slice(0, longer.length - shorter.length)
  const ends = keyOf(longer.slice(left.length)) === keyOf(shorter)
  return left.length === 1 && shorter.length > 1 && ends && fillerWords.has(left[0]?.form ?? '')
    ? left
    : undefined
}

const isSite = (words: readonly Word[], known: KnownCompanies): boolean =>
  nationOfPlace(textOf(words)) !== undefined ||
  known.isTown(words) ||
  (words.at(-1)?.raw.length === 2 && known.isTown(words.slice(0, -1)))

/** One name is the other with words in front, and general words behind at most. */
function inFront(
  shorter: readonly Word[],
  longer: readonly Word[],
  swapped: boolean,
): Finding | undefined {
  if (shorter.every(({ raw, form }) => raw.length < 3 || genericWords.has(form))) return undefined
  const at = longer.findIndex(
    (_, index) => keyOf(longer.slice(index, index + shorter.length)) === keyOf(shorter),
  )
  const behind = longer.slice(at + shorter.length)
  if (at < 1 || !behind.every(({ form }) => genericWords.has(form))) return undefined
  return {
    relation: 'takes-part',
    swapped,
    reasons: [reasonFor('NAMES_MEMBER', textOf(shorter))],
    against: [reasonAgainst('WORDS_IN_FRONT', textOf(longer.slice(0, at)))],
  }
}

/** `Bath Iron Works (BIW)` and BIW; `Allison Engine (Rolls Royce)` and Rolls Royce. */
function inBrackets(a: NameReading, b: NameReading, swapped: boolean): Finding | undefined {
  const inside = a.brackets.find((text) => keyOf(wordsOf(text)) === keyOf(b.core))
  if (inside === undefined || b.core.length === 0) return undefined
  const stands = isShortOf(inside, a.core)
  return stands
    ? { relation: 'same-party', swapped, reasons: [reasonFor('IN_BRACKETS', inside)], against: [] }
    : { relation: 'part-of', swapped, reasons: [reasonFor('BRACKET_NAME', inside)], against: [] }
}

function spellingOf({ shared, sharedB, shortened, misspelt, initials }: Alignment): {
  readonly reasons: readonly ReasonFor[]
  readonly against: readonly ReasonAgainst[]
} {
  const letters = Math.min(lettersIn(shared), lettersIn(sharedB))
  return {
    reasons: [
      ...(shortened.length > 0 ? [reasonFor('ABBREVIATION', ...shortened)] : []),
      ...(misspelt.length > 0 ? [reasonFor('SPELLING', ...misspelt)] : []),
      ...(initials.length > 0 ? [reasonFor('INITIALS', ...initials)] : []),
    ],
    against: [
      ...((misspelt.length > 0 && letters < 8) || (initials.length > 0 && letters < 3)
        ? [reasonAgainst('SHORT_NAME')]
        : []),
      ...(initials.length > 0 && letters < 4 ? [reasonAgainst('FEW_INITIALS')] : []),
    ],
  }
}

const lettersIn = (words: readonly Word[]): number => words.map(({ raw }) => raw).join('').length

const textOf = (words: readonly Word[]): string => words.map(({ raw }) => raw).join(' ')
