import { concatBytes, hexToBytes, bytesToHex as toHex } from '@noble/hashes/utils.js'

// Present in Node, Deno and every browser; the ES library types do not name it.
declare const TextDecoder: new (
  label: 'utf-8',
  options: { readonly fatal: boolean; readonly ignoreBOM: boolean },
) => { decode(bytes: Uint8Array): string }
declare const TextEncoder: new () => { encode(text: string): Uint8Array }

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** UTF-8 bytes of a text. */
export function utf8(text: string): Uint8Array {
  // Most of what is hashed is short ASCII, for which entering the encoder costs more than the work.
  if (text.length > 256) return encoder.encode(text)
  const bytes = new Uint8Array(text.length)
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code > 127) return encoder.encode(text)
    bytes[i] = code
  }
  return bytes
}

/** Decodes UTF-8. @throws {TypeError} when the bytes are not well-formed UTF-8 */
export const fromUtf8 = (bytes: Uint8Array): string => decoder.decode(bytes)

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const values = new Int8Array(128).fill(-1)
for (let i = 0; i < alphabet.length; i++) values[alphabet.charCodeAt(i)] = i

/** Base64url without padding. @see RFC 4648, section 5 */
export function toBase64url(bytes: Uint8Array): string {
  let out = ''
  for (let i = 0; i < bytes.length; i += 3) {
    const left = bytes.length - i
    const n = ((bytes[i] ?? 0) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0)
    out += alphabet.charAt(n >> 18) + alphabet.charAt((n >> 12) & 63)
    if (left > 1) out += alphabet.charAt((n >> 6) & 63)
    if (left > 2) out += alphabet.charAt(n & 63)
  }
  return out
}

/**
 * Decodes base64url, canonical form only: no padding, no foreign characters, unused bits zero.
 * One text has one byte string and back, so a signed text cannot be changed and still mean the same.
 * @returns the bytes, or null when the text is not canonical base64url
 */
export function fromBase64url(text: string): Uint8Array | null {
  if (text.length % 4 === 1) return null
  const out = new Uint8Array(Math.floor((text.length * 3) / 4))
  let bits = 0
  let held = 0
  let at = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    const value = code < 128 ? (values[code] ?? -1) : -1
    if (value < 0) return null
    held = ((held << 6) | value) & 0xfffff
    bits += 6
    if (bits >= 8) {
      bits -= 8
      out[at++] = (held >> bits) & 0xff
    }
  }
  return (held & ((1 << bits) - 1)) === 0 ? out : null
}

export { concatBytes, hexToBytes as fromHex, toHex }
