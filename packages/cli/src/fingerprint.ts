import { sha256 } from '@entente/schema'
import { wordlist } from '@scure/bip39/wordlists/english.js'

const WORDS = 6
const BITS = 11n

/**
 * Six words to read out over the telephone: the first 66 bits of the SHA-256 of a root key, each 11 of them a word of the
 * list of BIP 39 (English, 2048 words).
 * @param root Ed25519 public key, 32 bytes
 */
export function fingerprintWords(root: Uint8Array): string {
  const bits = sha256(root)
    .subarray(0, 9)
    .reduce((n, byte) => (n << 8n) | BigInt(byte), 0n)
  return Array.from({ length: WORDS }, (_, i) => {
    const shift = 72n - BITS * BigInt(i + 1)
    return wordlist[Number((bits >> shift) & 2047n)]
  }).join(' ')
}
