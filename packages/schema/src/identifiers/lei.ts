import { accepted, type IdentifierOutcome, refused } from './outcome.ts'
import { plainSpelling } from './plain-spelling.ts'

/**
 * Legal entity identifier: 18 letters and digits, then two check digits, in capitals. `LEI` in front and blanks within
 * are tolerated. Says nothing of whether it was issued or has lapsed.
 * @returns `LEI_FORMAT`, `LEI_CHECK` the check digits are of another text
 * @see ISO 17442-1; ISO/IEC 7064, MOD 97-10
 */
export function parseLei(text: string): IdentifierOutcome<'LEI_FORMAT' | 'LEI_CHECK'> {
  const lei = plainSpelling(text)
    .replace(/^lei(?![a-z0-9])[ :#.-]*/i, '')
    .replaceAll(' ', '')
    .toUpperCase()
  if (!/^[0-9A-Z]{18}\d{2}$/.test(lei))
    return refused('LEI_FORMAT', text, 'is not 18 letters and digits with two check digits')
  return checkDigits(lei.slice(0, 18)) === lei.slice(18)
    ? accepted(lei)
    : refused('LEI_CHECK', text, 'has check digits that do not fit: a character is wrong')
}

/** What brings the number to 1 modulo 97, letters being 10 to 35: `02` to `98`. */
function checkDigits(body: string): string {
  const numbers = [...`${body}00`].map((character) => Number.parseInt(character, 36))
  const rest = numbers.reduce((sum, n) => (sum * (n < 10 ? 10 : 100) + n) % 97, 0)
  return String(98 - rest).padStart(2, '0')
}
