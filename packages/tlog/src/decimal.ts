import { quote } from './bytes.ts'
import { type VerificationCode, VerificationError } from './verification-error.ts'

/**
 * Reads a size or an index: ASCII digits, no sign, no leading zero, at most 2^53 − 1.
 * @throws {VerificationError} `NUMBER_MALFORMED` or the code given
 */
export function parseDecimal(text: string, code: VerificationCode = 'NUMBER_MALFORMED'): number {
  const value = /^(0|[1-9][0-9]{0,15})$/.test(text) ? Number(text) : Number.NaN
  if (!Number.isSafeInteger(value)) {
    throw new VerificationError(code, `not a decimal below 2^53: ${quote(text)}`)
  }
  return value
}

/** True for a tree size or a leaf index that a `number` holds exactly. */
export function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0
}
