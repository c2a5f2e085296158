import { TILE_WIDTH } from './tile.ts'
import { VerificationError } from './verification-error.ts'

/** The largest entry, in bytes: its length is written in 16 bits. */
export const MAX_ENTRY_BYTES = 65_535

/** Writes up to 256 entries, each after its length in 16 bits, big-endian. @see C2SP tlog-tiles, section Log entries */
export function formatEntryBundle(entries: readonly Uint8Array[]): Uint8Array {
  if (entries.length > TILE_WIDTH) throw new RangeError(`${entries.length} entries in a bundle`)
  const bundle = new Uint8Array(entries.reduce((length, entry) => length + 2 + entry.length, 0))
  let at = 0
  for (const entry of entries) {
    if (entry.length > MAX_ENTRY_BYTES) throw new RangeError(`entry of ${entry.length} bytes`)
    bundle[at] = entry.length >> 8
    bundle[at + 1] = entry.length & 0xff
    bundle.set(entry, at + 2)
    at += 2 + entry.length
  }
  return bundle
}

/**
 * Reads a bundle.
 * @param width the number of entries it must hold
 * @throws {VerificationError} `ENTRY_BUNDLE_MALFORMED`
 */
export function parseEntryBundle(bundle: Uint8Array, width: number): Uint8Array[] {
  const entries: Uint8Array[] = []
  for (let at = 0; at < bundle.length; ) {
    const begin = at + 2
    at = begin + (bundle[at] ?? 0) * 256 + (bundle[at + 1] ?? 0)
    if (begin > bundle.length || at > bundle.length) throw malformed('entry is cut off')
    entries.push(bundle.slice(begin, at))
  }
  if (entries.length !== width) throw malformed(`${entries.length} entries, not ${width}`)
  return entries
}

function malformed(reason: string): VerificationError {
  return new VerificationError('ENTRY_BUNDLE_MALFORMED', reason)
}
