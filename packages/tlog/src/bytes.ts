import { utf8ToBytes } from '@noble/hashes/utils.js'
import { type VerificationCode, VerificationError } from './verification-error.ts'

/** True if both hold the same bytes. Not constant-time: everything here is public. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i])
}

/** The parts, one after the other. */
export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

/** Lower-case hex. */
export function formatHex(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += hexOfByte[byte]
  return text
}
const hexOfByte = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

/**
 * Reads lower-case hex.
 * @throws {VerificationError} `HEX_MALFORMED` or the code given
 */
export function parseHex(text: string, code: VerificationCode = 'HEX_MALFORMED'): Uint8Array {
  if (text.length % 2 !== 0 || !/^[0-9a-f]*$/.test(text)) {
    throw new VerificationError(code, `not lower-case hex: ${quote(text)}`)
  }
  return Uint8Array.from({ length: text.length / 2 }, (_, i) =>
    Number.parseInt(text.slice(2 * i, 2 * i + 2), 16),
  )
}

/** UTF-8 of a well-formed string. */
export function formatUtf8(text: string): Uint8Array {
  return utf8ToBytes(text)
}

/**
 * Reads UTF-8 without repairing anything: overlong forms, surrogates and cut sequences are refused, a byte order mark is kept.
 * @throws {VerificationError} `UTF8_MALFORMED` or the code given
 * @see RFC 3629, section 3
 */
export function parseUtf8(bytes: Uint8Array, code: VerificationCode = 'UTF8_MALFORMED'): string {
  let text = ''
  for (let at = 0; at < bytes.length; ) {
    const first = bytes[at] ?? 0
    const length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4
    let point = length === 1 ? first : first & (0x7f >> length)
    for (let i = 1; i < length; i++) {
      const next = bytes[at + i] ?? 0
      // Not a continuation byte: spoil the code point, the check below refuses it.
      point = (next & 0xc0) === 0x80 ? point * 64 + (next & 0x3f) : Number.POSITIVE_INFINITY
    }
    const least = [0, 0, 0x80, 0x800, 0x10000][length] ?? 0
    const isStart = first < 0x80 || (first >= 0xc2 && first <= 0xf4)
    const isSurrogate = point >= 0xd800 && point <= 0xdfff
    if (!isStart || isSurrogate || !(point >= least && point <= 0x10ffff)) {
      throw new VerificationError(code, `not UTF-8 at byte ${at}`)
    }
    text += String.fromCodePoint(point)
    at += length
  }
  return text
}

/** The value as it may stand in an error message: quoted and cut short. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text)
}
