import { accepted, type IdentifierOutcome, refused } from './outcome.ts'
import { plainSpelling } from './plain-spelling.ts'

/**
 * CAGE or NCAGE code of a maker: five letters and digits in capitals. With a digit at both ends it is of the form the
 * United States and Canada give out, without I and O between; with a letter at either end, of another nation or of NSPA.
 * `CAGE` or `NCAGE` in front is tolerated, a blank within is not: words would pass. It has no check digit.
 * @returns `NCAGE_FORMAT`
 * @see ACodP-1, NATO Manual on Codification; FAR 52.204-16
 */
export function parseNcage(text: string): IdentifierOutcome<'NCAGE_FORMAT'> {
  const code = plainSpelling(text)
    .replace(/^n?cage(?: code)?(?![a-z0-9])[ :#.-]*/i, '')
    .toUpperCase()
  if (!/^[0-9A-Z]{5}$/.test(code))
    return refused('NCAGE_FORMAT', text, 'is not five letters and digits')
  if (/^\d.*[IO].*\d$/.test(code))
    return refused('NCAGE_FORMAT', text, 'has a letter I or O between digits')
  return accepted(code)
}
