import { accepted, type IdentifierOutcome, refused } from './outcome.ts'
import { paragraphMarks } from './paragraph-marks.ts'
import { plainSpelling } from './plain-spelling.ts'

/**
 * Export control classification number: category 0-9, product group A-E, three digits, then paragraphs by turns a letter
 * and a number, as in `3A001.b.2.a`. `ECCN` in front, brackets, blanks or nothing between paragraphs, and any case are
 * tolerated. `EAR99` is accepted: subject to the EAR, on no list. Only the format is checked.
 * @returns `ECCN_FORMAT`
 * @see 15 CFR 738.2; 15 CFR part 774, supplement no. 1
 */
export function parseEccn(text: string): IdentifierOutcome<'ECCN_FORMAT'> {
  const bare = plainSpelling(text).replace(/^eccn(?![a-z0-9])[ :#.-]*/i, '')
  if (/^ear[ -]?99$/i.test(bare)) return accepted('EAR99')
  const [, entry = '', rest = ''] = /^(\d[a-e]\d{3})(.*)$/i.exec(bare) ?? []
  const marks = paragraphMarks(rest)
  if (!entry || !marks?.every(isInTurn))
    return refused('ECCN_FORMAT', text, 'is no ECCN such as 3A001.b.2')
  return accepted([entry.toUpperCase(), ...marks.map((mark) => mark.toLowerCase())].join('.'))
}

// The list goes five deep.
const deepest = 8

const isInTurn = (mark: string, index: number) =>
  index < deepest && (index % 2 === 0 ? /^[a-z]$/i.test(mark) : /^[1-9]\d{0,2}$/.test(mark))
