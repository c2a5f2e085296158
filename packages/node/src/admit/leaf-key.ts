import { keyBytes, statementKeyAt } from '@entente/schema'
import type { Partner } from '../deps.ts'
import { AdmitError } from './codes.ts'

/**
 * The key that a leaf of a partner must be signed by. Chosen by nation, log and index, as the roster says; never by what the
 * statement says of itself.
 * @throws {AdmitError} `KEY_REVOKED` for a leaf after the last good one of its key
 */
export function leafKey({ nation, member, log }: Partner, index: number): Uint8Array {
  const found = statementKeyAt(member, log.origin, index)
  // The log of a partner is that of its newest certificate, whose range begins somewhere.
  const { certificate, revoked } = found ?? { certificate: member.node, revoked: null }
  if (revoked !== null)
    throw new AdmitError(
      'statement',
      'KEY_REVOKED',
      `leaf ${index} of ${nation} is signed by a key that is revoked ${revoked.lastGood === null ? 'altogether' : `after leaf ${revoked.lastGood}`}: ${revoked.reason}`,
    )
  return keyBytes(certificate.key)
}
