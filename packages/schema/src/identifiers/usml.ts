import { accepted, type IdentifierOutcome, refused } from './outcome.ts'
import { paragraphMarks } from './paragraph-marks.ts'
import { plainSpelling } from './plain-spelling.ts'

/**
 * United States Munitions List category I to XXI with its paragraphs, as in `XI(a)(4)(iii)`: a letter, a number, a small
 * Roman numeral, a capital, a number, a numeral. The category may be written in Roman or Arabic digits, paragraphs as
 * `(h)(1)`, `.h.1`, ` h 1`, `-h-1` or `h1`; `USML`, `Category`, `Cat.`, `22 CFR 121.1` in front are tolerated. Letters
 * of one case that make up a numeral are that numeral; a text that can be read two ways (`Vi`) is refused with both, for
 * a wrong category is worse than none. Only the format is checked.
 * @returns `USML_FORMAT` not of that form or of two readings, `USML_CATEGORY` no such category
 * @see 22 CFR 121.1; order of paragraphs: 1 CFR 21.11
 */
export function parseUsml(text: string): IdentifierOutcome<'USML_FORMAT' | 'USML_CATEGORY'> {
  const plain = plainSpelling(text)
  if (plain === 'x') return refused('USML_FORMAT', text, 'may be a tick: category ten is X')
  const bare = plain.replace(label, '')
  const [, head = '', rest = ''] = /^([a-z]{1,8}(?![a-z])|\d{1,3}(?!\d))(.*)$/i.exec(bare) ?? []
  const [reading, ...others] = readings(head, rest.replace(/^,? ?para(?:graph|\.)? ?/i, ' '))
  if (!reading) return refused('USML_FORMAT', text, 'is no USML category such as VIII(h)(1)')
  if (others.length > 0) {
    const ways = [reading, ...others].map(spelt).join(' or ')
    return refused('USML_FORMAT', text, `may be ${ways}: put the paragraph in brackets`)
  }
  if (!isCategory(reading))
    return refused('USML_CATEGORY', text, 'names no USML category: they go from I to XXI')
  return reading.marks.every((mark, depth) => levels[depth]?.test(mark))
    ? accepted(spelt(reading))
    : refused('USML_FORMAT', text, 'has paragraphs in another order than XI(a)(4)(iii)(A)')
}

const label =
  /^(?:(?:22 ?cfr(?: part| ?§)? ?121(?:\.1)?|§ ?121\.1|itar|\(?usml\)?|cat(?:egory|\.)?|paragraph)(?![a-z0-9])[ :,.-]*)+/i

const categories =
  'I II III IV V VI VII VIII IX X XI XII XIII XIV XV XVI XVII XVIII XIX XX XXI'.split(' ')

const [letter, number] = [/^[a-z]$/i, /^[1-9]\d?$/]
const numeral = /^(?=.)x{0,3}(?:ix|iv|v?i{0,3})$/i
const levels = [letter, number, numeral, letter, number, numeral]

/** One way to read a text: the category in capitals, the paragraph marks as they stand. */
interface Reading {
  readonly category: string
  readonly marks: readonly string[]
}

/** Every way to read it, of which more than one is too many. @param head first run of letters or of digits */
function readings(head: string, rest: string): readonly Reading[] {
  const marks = paragraphMarks(rest)
  if (!marks || marks.length > levels.length) return []
  if (/^\d/.test(head)) return [{ category: categories[Number(head) - 1] ?? head, marks }]
  if (/^(?:[IVX]+|[ivx]+)$/.test(head)) return ofNumeral(head, rest, marks)
  const [, start = '', letters = ''] =
    /^([IVX]+)([a-z]+)$/.exec(head) ??
    /^([ivx]+)([A-Z]+)$/.exec(head) ??
    /^([IVX]+)([A-Z])$/.exec(head) ??
    /^([ivx]+)([a-z])$/.exec(head) ??
    []
  return start ? ofNumeralAndLetters(start.toUpperCase(), [...letters], marks) : []
}

/** `XI(c)` is XI(c); but `XI1` may lack a letter or be X(i)(1), and `X I` may be XI or X(i). */
function ofNumeral(head: string, rest: string, marks: readonly string[]): readonly Reading[] {
  const whole = head.toUpperCase()
  const [next = '', ...after] = marks
  const shorter = { category: whole.slice(0, -1), marks: [whole.slice(-1), ...marks] }
  const longer = { category: whole + next.toUpperCase(), marks: after }
  const isSameCase = next === (head === whole ? next.toUpperCase() : next.toLowerCase())
  return [
    { category: whole, marks },
    ...(/^\d/.test(rest) && isCategory(shorter) ? [shorter] : []),
    ...(/^ [a-z]/i.test(rest) && isSameCase && isCategory(longer) ? [longer] : []),
  ]
}

/** `XIc` is XI(c), as XIC is no category; but `Vi` may be V(i) or VI. */
function ofNumeralAndLetters(
  start: string,
  letters: readonly string[],
  marks: readonly string[],
): readonly Reading[] {
  const longer = letters.map((_, index) => ({
    category:
      start +
      letters
        .slice(0, index + 1)
        .join('')
        .toUpperCase(),
    marks: [...letters.slice(index + 1), ...marks],
  }))
  return [{ category: start, marks: [...letters, ...marks] }, ...longer.filter(isCategory)]
}

const isCategory = ({ category }: Reading) => categories.includes(category)

const spelt = ({ category, marks }: Reading) =>
  category + marks.map((mark, depth) => `(${cased(mark, depth)})`).join('')

// Only the letter of the fourth level is a capital: (a)(1)(i)(A).
const cased = (mark: string, depth: number) =>
  depth === 3 ? mark.toUpperCase() : mark.toLowerCase()
