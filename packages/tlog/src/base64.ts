import { quote } from './bytes.ts'
import { type VerificationCode, VerificationError } from './verification-error.ts'

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

const values = new Int8Array(128).fill(-1)
for (let i = 0; i < alphabet.length; i++) values[alphabet.charCodeAt(i)] = i

/** Standard base64 with padding. @see RFC 4648, section 4 */
export function formatBase64(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += 3) {
    const left = bytes.length - at
    const word = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0)
    text += alphabet.charAt(word >> 18) + alphabet.charAt((word >> 12) & 63)
    text += left > 1 ? alphabet.charAt((word >> 6) & 63) : '='
    text += left > 2 ? alphabet.charAt(word & 63) : '='
  }
  return text
}

/**
 * Reads exactly what {@link formatBase64} writes: one text per value, so that nobody can vary a signed line.
 * No base64url, no missing padding, no white space, no spare bits that are not zero.
 * @throws {VerificationError} `BASE64_MALFORMED` or the code given
 */
export function parseBase64(text: string, code: VerificationCode = 'BASE64_MALFORMED'): Uint8Array {
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0
  const bytes = new Uint8Array(Math.max(0, (text.length / 4) * 3 - padding))
  if (text.length % 4 !== 0) throw malformed(text, code)
  let bits = 0
  let held = 0
  let written = 0
  for (let at = 0; at < text.length - padding; at++) {
    const value = values[text.charCodeAt(at)] ?? -1
    if (value < 0) throw malformed(text, code)
    held = ((held << 6) | value) & 0xffff
    bits += 6
    if (bits >= 8) {
      bits -= 8
      bytes[written++] = held >> bits
    }
  }
  if ((held & ((1 << bits) - 1)) !== 0) throw malformed(text, code)
  return bytes
}

function malformed(text: string, code: VerificationCode): VerificationError {
  return new VerificationError(code, `not canonical base64: ${quote(text)}`)
}
