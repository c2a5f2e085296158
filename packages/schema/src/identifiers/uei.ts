import { accepted, type IdentifierOutcome, refused } from './outcome.ts'
import { plainSpelling } from './plain-spelling.ts'

/**
 * Unique entity identifier of SAM.gov: 12 letters and digits in capitals. The letters I and O do not occur, the first
 * is not 0, and no nine digits stand together. The last character is a checksum whose algorithm is not published with
 * these rules, so only the format is checked: a mistyped one can pass. `UEI` in front and blanks within are tolerated,
 * blanks only where there is a digit: twelve letters with a blank are words.
 * @returns `UEI_FORMAT`
 * @see GSA, Unique Entity ID technical specifications
 */
export function parseUei(text: string): IdentifierOutcome<'UEI_FORMAT'> {
  const bare = plainSpelling(text).replace(/^uei(?![a-z0-9])[ :#.-]*/i, '')
  const uei = bare.replaceAll(' ', '').toUpperCase()
  const isWords = bare.includes(' ') && !/\d/.test(bare)
  if (isWords || !/^[1-9A-HJ-NP-Z][0-9A-HJ-NP-Z]{11}$/.test(uei))
    return refused('UEI_FORMAT', text, 'is not 12 letters and digits without I, O and a leading 0')
  if (/\d{9}/.test(uei)) return refused('UEI_FORMAT', text, 'has nine digits together')
  return accepted(uei)
}
