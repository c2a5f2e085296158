import { utf8 } from './bytes.ts'
import { type Hash, hmacSha256 } from './hash.ts'
import type { Nation } from './nation.ts'

/** What every pseudonym begins with: nobody is to take one for a name. */
const prefix = 'withheld-'
/** Without I, L, O and U: it may be read out over a line. @see Crockford, Base 32 */
const digits = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
/**
 * 60 bits. It says nothing however short; it is this long so that no two records get one: among a million that a nation holds, with a
 * chance of one in two million (of one in two thousand with 50 bits).
 */
const chars = 12

/**
 * What a nation gets in place of a name, such as `withheld-7K3F-9QX2-M4TD`: HMAC under the record's key, so of the record and not of
 * the name. It stays the same when the name is edited, differs for every nation, and nobody without the key can link two of them or
 * try names on one.
 */
export function pseudonymOf(
  recordKey: Uint8Array,
  recipient: Nation,
  field: string,
  hash?: Hash,
): string {
  // No other message under a record key holds a zero byte at this place: a version is of a digest, which has none.
  const message = utf8(`entente-pseudonym/1\0${recipient}\0${field}`)
  let bits = 0n
  for (const byte of hmacSha256(recordKey, message, hash).subarray(0, 8))
    bits = (bits << 8n) | BigInt(byte)
  const code = Array.from({ length: chars }, (_, i) =>
    digits.charAt(Number((bits >> BigInt(59 - 5 * i)) & 31n)),
  ).join('')
  return `${prefix}${code.slice(0, 4)}-${code.slice(4, 8)}-${code.slice(8)}`
}

const form = /^withheld(-[0-9A-HJKMNP-TV-Z]{4}){3}$/
/** Whether a text is a pseudonym, by its form: who made it does not show. */
export const isPseudonym = (text: string): boolean => form.test(text)

/**
 * Whether a text would be taken for a pseudonym: in small letters, with other dashes, or with what nobody sees between. No own name may
 * be such a text, or a partner would believe that a name is withheld which is not.
 */
export const isLikePseudonym = (text: string): boolean =>
  text.length <= 200 &&
  beginning.test(text) &&
  likeness.test(text.normalize('NFKC').replace(/[\p{Cf}\s]/gu, ''))
// Every name that goes is asked: most are told by their first letter. Only what is beyond ASCII can become a w.
const beginning = /^\s*[wW\u{80}-\u{10ffff}]/u
const likeness = /^withheld([\p{Pd}\u2212][0-9a-z]{4}){3}$/iu
