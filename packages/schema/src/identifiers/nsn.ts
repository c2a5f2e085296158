import { accepted, type IdentifierOutcome, refused } from './outcome.ts'

export type NsnCode = 'NSN_FORMAT' | 'NSN_SUPPLY_CLASS' | 'NSN_COUNTRY'

/**
 * NATO stock number: 4 digits supply class, 2 digits codification bureau, 7 digits item. Dashes and spaces between
 * digits are tolerated; the normal form is `dddd-dd-ddd-dddd`. There is no check digit, so a mistyped one can pass.
 * @returns `NSN_FORMAT` not 13 digits, `NSN_SUPPLY_CLASS` no such group, `NSN_COUNTRY` no codification bureau has that code
 * @see ACodP-1, NATO Manual on Codification
 */
export function parseNsn(text: string): IdentifierOutcome<NsnCode> {
  const digits = digitsOf(text, 13)
  if (!digits) return refused('NSN_FORMAT', `${JSON.stringify(text)} is not 13 digits`)
  if (digits < '1000000000000')
    return refused(
      'NSN_SUPPLY_CLASS',
      `${digits.slice(0, 4)} is no supply class: groups begin at 10`,
    )
  if (!isCodificationBureau(digits.slice(4, 6)))
    return refused('NSN_COUNTRY', `${digits.slice(4, 6)} is no codification bureau`)
  return accepted(
    `${digits.slice(0, 4)}-${digits.slice(4, 6)}-${digits.slice(6, 9)}-${digits.slice(9)}`,
  )
}

/**
 * NATO item identification number: the last nine digits of an NSN, which name the item for ever, whatever its class.
 * Normal form `dd-ddd-dddd`.
 */
export function parseNiin(text: string): IdentifierOutcome<'NIIN_FORMAT' | 'NSN_COUNTRY'> {
  const digits = digitsOf(text, 9)
  if (!digits) return refused('NIIN_FORMAT', `${JSON.stringify(text)} is not 9 digits`)
  if (!isCodificationBureau(digits.slice(0, 2)))
    return refused('NSN_COUNTRY', `${digits.slice(0, 2)} is no codification bureau`)
  return accepted(`${digits.slice(0, 2)}-${digits.slice(2, 5)}-${digits.slice(5)}`)
}

function digitsOf(text: string, length: number): string | undefined {
  const trimmed = text.trim()
  if (!/^\d(?:[- ]?\d)*$/.test(trimmed)) return undefined
  const digits = trimmed.replace(/[- ]/g, '')
  return digits.length === length ? digits : undefined
}

// 00 to 09 are the United States; NATO and sponsored nations go on from 11; the tier tables end in the seventies, 98 and 99 are NATO's own.
const isCodificationBureau = (code: string): boolean =>
  code !== '10' && (code < '80' || code >= '98')
