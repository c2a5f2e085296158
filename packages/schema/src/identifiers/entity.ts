import { accepted, type IdentifierOutcome, refused } from './outcome.ts'

/**
 * Unique entity identifier of SAM.gov: 12 letters and digits in capitals. The letters I and O do not occur, the first
 * is not 0, and no nine digits stand together. The last character is a checksum whose algorithm is not published with
 * these rules, so only the format is checked: a mistyped one can pass.
 * @returns `UEI_FORMAT`
 * @see GSA, Unique Entity ID technical specifications
 */
export function parseUei(text: string): IdentifierOutcome<'UEI_FORMAT'> {
  const uei = text.trim().toUpperCase()
  if (!/^[1-9A-HJ-NP-Z][0-9A-HJ-NP-Z]{11}$/.test(uei))
    return refused(
      'UEI_FORMAT',
      `${JSON.stringify(text)} is not 12 letters and digits without I, O and a leading 0`,
    )
  if (/\d{9}/.test(uei))
    return refused('UEI_FORMAT', `${JSON.stringify(text)} has nine digits together`)
  return accepted(uei)
}

/**
 * CAGE or NCAGE code of a maker: five letters and digits in capitals. With a digit at both ends it is of the form the
 * United States and Canada give out, without I and O between; with a letter at either end, of another nation or of NSPA.
 * It has no check digit.
 * @returns `NCAGE_FORMAT`
 * @see ACodP-1, NATO Manual on Codification; FAR 52.204-16
 */
export function parseNcage(text: string): IdentifierOutcome<'NCAGE_FORMAT'> {
  const code = text.trim().toUpperCase()
  if (!/^[0-9A-Z]{5}$/.test(code))
    return refused('NCAGE_FORMAT', `${JSON.stringify(text)} is not five letters and digits`)
  if (/^\d.*[IO].*\d$/.test(code))
    return refused('NCAGE_FORMAT', `${JSON.stringify(text)} has a letter I or O between digits`)
  return accepted(code)
}
